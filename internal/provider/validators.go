package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf8"

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

// appID checks an appid wherever one can be written: as an attribute, a list's element or a map's key.
type appID struct{}

var _ validator.String = appID{}

func (appID) Description(context.Context) string {
	return "must be an appid: letters and digits, usually wx and 16 lower-case hexadecimal digits"
}

func (v appID) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (appID) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if request.ConfigValue.IsNull() || request.ConfigValue.IsUnknown() {
		return
	}
	written := request.ConfigValue.ValueString()
	if err := wechat.CheckAppID(written); err != nil {
		response.Diagnostics.AddAttributeError(at(request.Path, written), "Not an appid", notAnAppID(written, err))
		return
	}
	if !wechat.IsUsualAppID(written) {
		response.Diagnostics.AddAttributeWarning(at(request.Path, written), summaryUnusualAppID, fmt.Sprintf(
			"%q is not wx and 16 lower-case hexadecimal digits, as the appids of official accounts and mini programs are. "+
				"If it is mistyped, WeChat will refuse it with 40013.", wire.Redact(written)))
	}
}

// appIDs checks a list of appids. It says all in one error and one warning: the framework compares each diagnostic with
// those before it, which for a list of thousands would take longer than reading them.
type appIDs struct{}

var _ validator.List = appIDs{}

func (appIDs) Description(ctx context.Context) string { return "each " + appID{}.Description(ctx) }

func (v appIDs) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (appIDs) ValidateList(_ context.Context, request validator.ListRequest, response *validator.ListResponse) {
	var wrong, unusual []string
	place := request.Path
	for number, element := range request.ConfigValue.Elements() {
		written, isString := element.(types.String)
		if !isString || !isKnown(written) {
			continue
		}
		place = at(place, written.ValueString()) // one line may hold all of them
		if err := wechat.CheckAppID(written.ValueString()); err != nil {
			wrong = append(wrong, fmt.Sprintf("number %d: %s", number, notAnAppID(written.ValueString(), err)))
		} else if !wechat.IsUsualAppID(written.ValueString()) {
			unusual = append(unusual, strconv.Quote(wire.Redact(written.ValueString())))
		}
	}
	if len(wrong) > 0 {
		response.Diagnostics.AddAttributeError(place, "Not an appid", fmt.Sprintf(
			"Of %s, counted from 0: %s", request.Path, someOf(wrong)))
	}
	if len(unusual) > 0 {
		response.Diagnostics.AddAttributeWarning(place, summaryUnusualAppID, fmt.Sprintf(
			"Of %s, these are not wx and 16 lower-case hexadecimal digits, as the appids of official accounts and mini programs are: %s. "+
				"If they are mistyped, WeChat will refuse them with 40013.", request.Path, someOf(unusual)))
	}
}

// longestShown is a little more than an appid, which has 18 characters. What is longer may be a token.
const longestShown = 24

// notAnAppID says what is wrong with an appid. A token may have been pasted in its place, whole or broken into lines.
func notAnAppID(written string, problem error) string {
	length := utf8.RuneCountInString(written)
	switch {
	case wechat.IsUsualAppID(strings.TrimSpace(written)):
		return fmt.Sprintf("%q cannot be an appid: %s.", written, problem) // the white space is what is wrong
	case length > longestShown, token.CouldBe(written):
		return fmt.Sprintf("A text of %d characters cannot be an appid: %s.", length, problem)
	default:
		return fmt.Sprintf("%q cannot be an appid: %s.", wire.Redact(written), problem)
	}
}

const summaryCertificates = "No certificates to trust"

// positiveDuration checks a Go duration above zero.
type positiveDuration struct{}

var _ validator.String = positiveDuration{}

const mustBeDuration = `must be a duration above zero, such as "30s", "2m" or "1h30m"`

func (positiveDuration) Description(context.Context) string { return mustBeDuration }

func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (positiveDuration) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if request.ConfigValue.IsNull() || request.ConfigValue.IsUnknown() {
		return
	}
	written := request.ConfigValue.ValueString()
	if _, err := parseDuration(written); err != nil {
		name := request.Path.String()
		response.Diagnostics.AddAttributeError(at(request.Path, written), summaryDuration, notADuration(name, written))
	}
}

const summaryDuration = "Not a duration above zero"

// notADuration names the attribute, since the engine points at its line only where it stands in no other.
func notADuration(name, written string) string {
	return fmt.Sprintf("%s is %s, and %s.", name, shown(written), mustBeDuration)
}

// apiURL checks where WeChat is reached. A line that may hold a password gets no path: the engine would print it.
type apiURL struct{}

var _ validator.String = apiURL{}

const (
	summaryBaseURL  = "Not a base URL"
	summaryProxyURL = "Not a proxy URL"
)

func (apiURL) Description(context.Context) string {
	return "must be a URL like " + wechat.DefaultBaseURL
}

func (v apiURL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (apiURL) ValidateString(
	_ context.Context, request validator.StringRequest, response *validator.StringResponse,
) {
	written := request.ConfigValue.ValueString()
	if _, err := wechat.ParseBaseURL(written); err != nil && isKnown(request.ConfigValue) {
		detail := "The value of base_url " + err.Error() + "."
		if strings.ContainsAny(written, "@?#") || token.CouldBe(written) {
			response.Diagnostics.AddError(summaryBaseURL, detail)
			return
		}
		response.Diagnostics.AddAttributeError(request.Path, summaryBaseURL, detail)
	}
}

// certificateFile checks a file of certificates where it can be read already. One that is not there may be there where the
// plan runs, which is when it must.
type certificateFile struct{}

var _ validator.String = certificateFile{}

func (certificateFile) Description(context.Context) string {
	return "must be the path of a PEM file with certificates"
}

func (v certificateFile) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (certificateFile) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if request.ConfigValue.IsNull() || request.ConfigValue.IsUnknown() {
		return
	}
	file := request.ConfigValue.ValueString()
	if file == "" {
		response.Diagnostics.AddAttributeError(request.Path, summaryCertificates, "The path is empty. Leave it out to trust the system's authorities alone.")
		return
	}
	if _, err := wire.ReadCertificates(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		response.Diagnostics.AddAttributeError(at(request.Path, file), summaryCertificates, badCertificates(file, err))
	}
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
