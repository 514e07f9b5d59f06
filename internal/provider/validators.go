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

const summaryUnusualAppID = "Unusual appid"

// shown is a setting's value in a message: quoted, or only described where it could be a pasted token.
func shown(written string) string {
	if token.CouldBe(written) {
		length := utf8.RuneCountInString(written)
		return fmt.Sprintf("a text of %d characters that may be a secret and so is not shown", length)
	}
	return strconv.Quote(written)
}

// at is the path that a diagnostic about a value may carry, and path.Empty() where the value could be a pasted token:
// the engine prints the line of a path. Then the words alone must name the attribute.
func at(attribute path.Path, written string) path.Path {
	if token.CouldBe(written) {
		return path.Empty()
	}
	return attribute
}

// stringCheck validates a string that is neither null nor unknown.
type stringCheck struct {
	rule string
	// check returns what is wrong with a value, or nil.
	check func(attribute path.Path, written string) diag.Diagnostic
}

func (c stringCheck) Description(context.Context) string { return c.rule }

func (c stringCheck) MarkdownDescription(context.Context) string { return c.rule }

func (c stringCheck) ValidateString(
	_ context.Context, request validator.StringRequest, response *validator.StringResponse,
) {
	if isKnown(request.ConfigValue) {
		response.Diagnostics.Append(explained(c.check(request.Path, request.ConfigValue.ValueString()))...)
	}
}

// appID checks an appid wherever one can be written: as an attribute, a list's element or a map's key.
var appID = stringCheck{
	"must be an appid: letters and digits, usually wx and 16 lower-case hexadecimal digits",
	func(attribute path.Path, written string) diag.Diagnostic {
		if err := wechat.CheckAppID(written); err != nil {
			return diag.NewAttributeErrorDiagnostic(at(attribute, written), "Not an appid", notAnAppID(written, err))
		}
		if wechat.IsUsualAppID(written) {
			return nil
		}
		return diag.NewAttributeWarningDiagnostic(at(attribute, written), summaryUnusualAppID, fmt.Sprintf(
			"%q is not wx and 16 lower-case hexadecimal digits, as the appids of official accounts and mini programs "+
				"are. If it is mistyped, WeChat will refuse it with 40013.", wire.Redact(written)))
	},
}

// appIDs checks a list of appids. It says all in one error and one warning: the framework compares each diagnostic with
// those before it, which for a list of thousands would take longer than reading them.
type appIDs struct{}

func (appIDs) Description(context.Context) string { return "each " + appID.rule }

func (appIDs) MarkdownDescription(context.Context) string { return "each " + appID.rule }

func (appIDs) ValidateList(_ context.Context, request validator.ListRequest, response *validator.ListResponse) {
	var wrong, unusual []string
	place := request.Path
	for number, element := range request.ConfigValue.Elements() {
		text, isString := element.(types.String)
		if !isString || !isKnown(text) {
			continue
		}
		written := text.ValueString()
		place = at(place, written) // one line may hold all of them
		if err := wechat.CheckAppID(written); err != nil {
			wrong = append(wrong, fmt.Sprintf("number %d: %s", number, notAnAppID(written, err)))
		} else if !wechat.IsUsualAppID(written) {
			unusual = append(unusual, strconv.Quote(wire.Redact(written)))
		}
	}
	var found diag.Diagnostics
	if len(wrong) > 0 {
		found.AddAttributeError(place, "Not an appid", fmt.Sprintf(
			"Of %s, counted from 0: %s", request.Path, someOf(wrong)))
	}
	if len(unusual) > 0 {
		found.AddAttributeWarning(place, summaryUnusualAppID, fmt.Sprintf(
			"Of %s, these are not wx and 16 lower-case hexadecimal digits, as the appids of official accounts and "+
				"mini programs are: %s. If they are mistyped, WeChat will refuse them with 40013.",
			request.Path, someOf(unusual)))
	}
	response.Diagnostics.Append(explained(found...)...)
}

// longestShown is a little more than an appid, which has 18 characters. What is longer may be a token.
const longestShown = 24

// notAnAppID says what is wrong with an appid. A token may have been pasted in its place, whole or broken into lines.
func notAnAppID(written string, problem error) string {
	named := strconv.Quote(wire.Redact(written))
	if wechat.IsUsualAppID(strings.TrimSpace(written)) {
		named = strconv.Quote(written) // the white space is what is wrong
	} else if length := utf8.RuneCountInString(written); length > longestShown || token.CouldBe(written) {
		named = fmt.Sprintf("A text of %d characters", length)
	}
	return fmt.Sprintf("%s cannot be an appid: %s.", named, problem)
}

const (
	summaryBaseURL      = "Not a base URL"
	summaryCertificates = "No certificates to trust"
	summaryDuration     = "Not a duration above zero"
	summaryProxyURL     = "Not a proxy URL"

	mustBeDuration = `must be a duration above zero, such as "30s", "2m" or "1h30m"`
)

// positiveDuration checks a Go duration above zero.
var positiveDuration = stringCheck{
	mustBeDuration,
	func(attribute path.Path, written string) diag.Diagnostic {
		if _, err := parseDuration(written); err == nil {
			return nil
		}
		return diag.NewAttributeErrorDiagnostic(
			at(attribute, written), summaryDuration, notADuration(attribute.String(), written))
	},
}

// notADuration names the attribute, since the engine points at its line only where it stands in no other.
func notADuration(name, written string) string {
	return fmt.Sprintf("%s is %s, and %s.", name, shown(written), mustBeDuration)
}

// apiURL checks where WeChat is reached. A line that may hold a password gets no path: the engine would print it.
var apiURL = stringCheck{
	"must be a URL like " + wechat.DefaultBaseURL,
	func(attribute path.Path, written string) diag.Diagnostic {
		_, err := wechat.ParseBaseURL(written)
		switch {
		case err == nil:
			return nil
		case strings.ContainsAny(written, "@?#") || token.CouldBe(written):
			return diag.NewErrorDiagnostic(summaryBaseURL, "The value of base_url "+err.Error()+".")
		default:
			return diag.NewAttributeErrorDiagnostic(attribute, summaryBaseURL, "The value of base_url "+err.Error()+".")
		}
	},
}

// certificateFile checks a file of certificates where it can be read already. One that is not there may be there where
// the plan runs, which is when it must.
var certificateFile = stringCheck{
	"must be the path of a PEM file with certificates",
	func(attribute path.Path, file string) diag.Diagnostic {
		if file == "" {
			return diag.NewAttributeErrorDiagnostic(attribute, summaryCertificates,
				"The path is empty. Leave it out to trust the system's authorities alone.")
		}
		_, err := wire.ReadCertificates(file)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return diag.NewAttributeErrorDiagnostic(at(attribute, file), summaryCertificates, badCertificates(file, err))
	},
}

func badCertificates(file string, err error) string {
	problem := certificatesProblem(file, "", err)
	return fmt.Sprintf("The file of ca_certificate_file, %s, cannot be used: %s.", shown(file), problem)
}

// certificatesProblem is why a file of certificates cannot be used. setting is the variable that names it, or "".
func certificatesProblem(file, setting string, err error) string {
	problem := err.Error()
	if errors.Is(err, fs.ErrNotExist) {
		problem += pathHint(file, setting)
	}
	return problem
}
