package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// safeQuote is a setting's value in a message: quoted, or only described where it could be a pasted token.
func safeQuote(value string) string {
	if token.CouldBe(value) {
		length := utf8.RuneCountInString(value)
		return fmt.Sprintf("a text of %d characters that may be a secret and so is not shown", length)
	}
	return strconv.Quote(value)
}

// safePath is the path that a diagnostic about a value may carry, and path.Empty() where the value could be a pasted
// token: the engine prints the line of a path. Then the words alone must name the attribute.
func safePath(attribute path.Path, value string) path.Path {
	if token.CouldBe(value) {
		return path.Empty()
	}
	return attribute
}

// attributeError is what is wrong with the value of an attribute, in the words of messages.csv.
func attributeError(reason string, attribute path.Path, values ...string) diag.Diagnostic {
	m := message{}.with("configuration", reason, values...)
	return diag.NewAttributeErrorDiagnostic(attribute, m.summary, m.text)
}

// stringCheck validates a string that is neither null nor unknown.
type stringCheck struct {
	rule string
	// check returns what is wrong with a value, or nil.
	check func(attribute path.Path, value string) diag.Diagnostic
}

func (c stringCheck) Description(context.Context) string { return c.rule }

func (c stringCheck) MarkdownDescription(context.Context) string { return c.rule }

func (c stringCheck) ValidateString(
	_ context.Context, request validator.StringRequest, response *validator.StringResponse,
) {
	if isKnown(request.ConfigValue) {
		response.Diagnostics.Append(withPageLink(c.check(request.Path, request.ConfigValue.ValueString()))...)
	}
}

// appID checks an appid wherever one can be written: as an attribute, a list's element or a map's key.
var appID = stringCheck{
	"must be an appid: letters and digits, usually wx and 16 lower-case hexadecimal digits",
	func(attribute path.Path, value string) diag.Diagnostic {
		if err := wechat.CheckAppID(value); err != nil {
			return attributeError("no appid", safePath(attribute, value), "{problem}", appIDProblem(value, err))
		}
		if wechat.IsUsualAppID(value) {
			return nil
		}
		m := message{}.with("configuration", "unusual appid", "{value}", strconv.Quote(wire.Redact(value)))
		return diag.NewAttributeWarningDiagnostic(safePath(attribute, value), m.summary, m.text)
	},
}

// appIDs checks a list of appids. It says all in one error and one warning: the framework compares each diagnostic with
// those before it, which for a list of thousands would take longer than reading them.
type appIDs struct{}

func (appIDs) Description(context.Context) string { return "each " + appID.rule }

func (appIDs) MarkdownDescription(context.Context) string { return "each " + appID.rule }

func (appIDs) ValidateList(_ context.Context, request validator.ListRequest, response *validator.ListResponse) {
	var wrong, unusual []string
	attribute := request.Path
	for number, element := range request.ConfigValue.Elements() {
		text, isString := element.(types.String)
		if !isString || !isKnown(text) {
			continue
		}
		value := text.ValueString()
		attribute = safePath(attribute, value) // one line may hold all of them
		if err := wechat.CheckAppID(value); err != nil {
			wrong = append(wrong, fmt.Sprintf("number %d: %s", number, appIDProblem(value, err)))
		} else if !wechat.IsUsualAppID(value) {
			unusual = append(unusual, strconv.Quote(wire.Redact(value)))
		}
	}
	var diagnostics diag.Diagnostics
	if len(wrong) > 0 {
		diagnostics.Append(attributeError("no appids in list", attribute,
			"{attribute}", request.Path.String(), "{problems}", firstFew(wrong)))
	}
	if len(unusual) > 0 {
		m := message{}.with("configuration", "unusual appids in list",
			"{attribute}", request.Path.String(), "{values}", firstFew(unusual))
		diagnostics.AddAttributeWarning(attribute, m.summary, m.text)
	}
	response.Diagnostics.Append(withPageLink(diagnostics...)...)
}

// longestShown is a little more than an appid, which has 18 characters. What is longer may be a token.
const longestShown = 24

// appIDProblem says what is wrong with an appid. A token may have been pasted in its place, whole or broken into lines.
func appIDProblem(value string, problem error) string {
	named := strconv.Quote(wire.Redact(value))
	if wechat.IsUsualAppID(strings.TrimSpace(value)) {
		named = strconv.Quote(value) // the white space is what is wrong
	} else if length := utf8.RuneCountInString(value); length > longestShown || token.CouldBe(value) {
		named = fmt.Sprintf("A text of %d characters", length)
	}
	return fmt.Sprintf("%s cannot be an appid: %s.", named, problem)
}

const mustBeDuration = `must be a duration above zero, such as "30s", "2m" or "1h30m"`

// positiveDuration checks a Go duration above zero. Its error names the attribute, since the engine points at its line
// only where it stands in no other.
var positiveDuration = stringCheck{
	mustBeDuration,
	func(attribute path.Path, value string) diag.Diagnostic {
		_, err := parseDuration(value)
		if err == nil {
			return nil
		}
		return attributeError("duration", safePath(attribute, value),
			"{attribute}", attribute.String(), "{value}", safeQuote(value), "{problem}", err.Error())
	},
}

// apiURL checks where WeChat is reached. A line that may hold a password gets no path: the engine would print it.
var apiURL = stringCheck{
	"must be a URL like " + wechat.DefaultBaseURL,
	func(attribute path.Path, value string) diag.Diagnostic {
		_, err := wechat.ParseBaseURL(value)
		if err == nil {
			return nil
		}
		m := message{}.with("configuration", "base URL", "{problem}", err.Error())
		if strings.ContainsAny(value, "@?#") || token.CouldBe(value) {
			return diag.NewErrorDiagnostic(m.summary, m.text)
		}
		return diag.NewAttributeErrorDiagnostic(attribute, m.summary, m.text)
	},
}

// certificateFile checks a file of certificates where it can be read already. One that is not there may be there where
// the plan runs, which is when it must.
var certificateFile = stringCheck{
	"must be the path of a PEM file with certificates",
	func(attribute path.Path, file string) diag.Diagnostic {
		if file == "" {
			return attributeError("no certificates named", attribute)
		}
		_, err := wire.ReadCertificates(file)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return badCertificates(attribute, file, err)
	},
}

func badCertificates(attribute path.Path, file string, err error) diag.Diagnostic {
	return attributeError("no certificates", safePath(attribute, file),
		"{file}", safeQuote(file), "{problem}", certificatesProblem(file, "", err))
}

// certificatesProblem is why a file of certificates cannot be used. setting is the variable that names it, or "".
func certificatesProblem(file, setting string, err error) string {
	problem := err.Error()
	if errors.Is(err, fs.ErrNotExist) {
		problem += pathHint(file, setting)
	}
	return problem
}
