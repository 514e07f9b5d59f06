package provider

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
)

// codeText says in words what one of WeChat's return codes means.
type codeText struct {
	// Meaning completes the sentence "The binding of … could not be read: …".
	Meaning string
	// Causes are likely ones, the likeliest first; none where the meaning leaves only one. Those of 48001 and 61007
	// depend on what was asked: see permissionCauses.
	Causes []string
	// Remedy says who must do what.
	Remedy string
}

//go:embed codes.csv
var codesFile string

// codes are the return codes that the endpoints asked here can give. The page about errors is made from the same file,
// which for that also has each code's topic, and who mostly acts.
//
// https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html
var codes = readCodes()

// readCodes panics where the file is no such table, which no test would pass.
func readCodes() map[int]codeText {
	rows, err := csv.NewReader(strings.NewReader(codesFile)).ReadAll()
	if err != nil {
		panic(err)
	}
	byCode := make(map[int]codeText, len(rows))
	for _, row := range rows[1:] { // code, topic, meaning, who acts, remedy, causes
		code, err := strconv.Atoi(row[0])
		if err != nil {
			panic(err)
		}
		causes := slices.DeleteFunc(row[5:], func(cause string) bool { return cause == "" })
		byCode[code] = codeText{Meaning: row[2], Causes: causes, Remedy: row[4]}
	}
	return byCode
}

const (
	scanningAgain = "Scanning again ends the account's present access token, and may replace its refresh token: " +
		"whatever keeps them must take the new ones."
	permissionSetConsole = "微信开发者平台, 我的业务, 第三方平台, 权限集"
)
