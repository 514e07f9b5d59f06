package provider

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Address is the provider's source address, as required_providers has it.
const Address = "terraform.local/wechat/wechat"

// errorsPage is the page that explains messages: at the registry of [Address], or in the repository where that is none
// with pages.
var errorsPage = pageAt(Address)

func pageAt(source string) string {
	registry, name, _ := strings.Cut(source, "/")
	switch registry {
	case "registry.terraform.io":
		return "https://registry.terraform.io/providers/" + name + "/latest/docs/guides/reading-errors"
	case "registry.opentofu.org":
		return "https://search.opentofu.org/provider/" + name + "/latest/docs/guides/reading-errors"
	default:
		return "terraform-provider-wechat/docs/guides/reading-errors.md"
	}
}

// notInAnchors are the characters that do not stand in an anchor.
var notInAnchors = regexp.MustCompile(`[^0-9a-z-]`)

// pageLink is the last line of a message: where the page explains its first one. WeChat's codes are anchors by
// themselves.
func pageLink(summary string) string {
	_, reason, isRead := strings.Cut(summary, " not read: ")
	if !isRead {
		reason = summary
	}
	anchor := notInAnchors.ReplaceAllString(strings.ReplaceAll(strings.ToLower(reason), " ", "-"), "")
	if code, isCode := strings.CutPrefix(anchor, "wechat-error-"); isCode {
		anchor = "unknown-code"
		if codes[code].text != "" {
			anchor = code
		}
	}
	return "\n\nMore: " + errorsPage + "#" + anchor
}

// withPageLink returns diagnostics that end with the address of the page that explains them.
func withPageLink(diagnostics ...diag.Diagnostic) diag.Diagnostics {
	return appendDetail(diagnostics, func(each diag.Diagnostic) string { return pageLink(each.Summary()) })
}

// appendDetail returns diagnostics with an addition to the detail of each.
func appendDetail(diagnostics diag.Diagnostics, addition func(diag.Diagnostic) string) (all diag.Diagnostics) {
	for _, each := range diagnostics {
		if each == nil {
			continue
		}
		detail := each.Detail() + addition(each)
		amended := diag.Diagnostic(diag.NewErrorDiagnostic(each.Summary(), detail))
		if each.Severity() == diag.SeverityWarning {
			amended = diag.NewWarningDiagnostic(each.Summary(), detail)
		}
		if withPath, hasPath := each.(diag.DiagnosticWithPath); hasPath {
			amended = diag.WithPath(withPath.Path(), amended)
		}
		all = append(all, amended)
	}
	return all
}
