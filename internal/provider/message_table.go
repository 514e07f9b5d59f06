package provider

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
)

// template is the text of a message. What differs from one case to the next stands in it as a placeholder in braces.
type template struct {
	// summary is the summary, "" where that depends on more than the reason.
	summary string
	// text completes the sentence "The binding of … could not be read: …".
	text string
	// detail follows the text of a failure that has a detail.
	detail string
	// errmsg is what state has as errmsg, "" where that depends on more than the reason.
	errmsg string
	// remedy says who must do what.
	remedy string
	// causes are likely ones, the likeliest first; none where the text leaves only one.
	causes []string
}

//go:embed codes.csv
var codesFile string

// codes are the return codes that the endpoints asked here can give. The page about errors is made from the same file,
// which for that also has each code's topic, and who mostly acts.
//
// https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html
var codes = readCodes()

func readCodes() map[string]template {
	byCode := map[string]template{}
	for _, row := range readTable(codesFile) { // code, topic, meaning, who acts, remedy, causes
		byCode[row[0]] = template{text: row[2], remedy: row[4], causes: notEmpty(row[5:])}
	}
	return byCode
}

//go:embed messages.csv
var messagesFile string

// templates are all other texts of messages about reads, and those about the configuration. The reason in a key is the
// one in an error of token, wire or wechat, where there is one, or one of WeChat's codes.
var templates = readTemplates()

type templateKey struct{ section, reason string }

func readTemplates() map[templateKey]template {
	byKey := map[templateKey]template{}
	for _, row := range readTable(messagesFile) { // section, reason, summary, text, detail, errmsg, remedy, causes
		byKey[templateKey{row[0], row[1]}] = template{
			summary: row[2], text: row[3], detail: row[4], errmsg: row[5], remedy: row[6], causes: notEmpty(row[7:]),
		}
	}
	return byKey
}

// readTable returns the rows of a table below its header. It panics where the file is no table, which no test would
// pass.
func readTable(file string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		panic(err)
	}
	return rows[1:]
}

func notEmpty(cells []string) []string {
	return slices.DeleteFunc(cells, func(cell string) bool { return cell == "" })
}

// with is the message with what a row of templates has in the place of its own, if there is such a row. values are
// placeholders, and what stands in their place.
func (m message) with(section, reason string, values ...string) message {
	return m.fill(templates[templateKey{section, reason}], values...)
}

func (m message) fill(row template, values ...string) message {
	replacer := strings.NewReplacer(values...)
	m.summary = cmp.Or(row.summary, m.summary)
	if row.text != "" {
		m.text = replacer.Replace(row.text)
	}
	if row.remedy != "" {
		m.remedy = replacer.Replace(row.remedy)
	}
	if len(row.causes) > 0 {
		m.causes = nil
		for _, cause := range row.causes {
			m.causes = append(m.causes, replacer.Replace(cause))
		}
	}
	return m
}
