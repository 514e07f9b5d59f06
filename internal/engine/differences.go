package engine

import (
	"strconv"
	"strings"
)

// What only some engines have stands here, and nowhere else is a version compared. Terraform and OpenTofu parted after
// Terraform 1.5, so the same number says different things of the two.

// SaysErrored says whether the JSON of a plan says that the plan failed.
func (e Engine) SaysErrored() bool { return e.isFrom(6, 6) }

// HasEphemeralVariables says whether variables can be ephemeral.
func (e Engine) HasEphemeralVariables() bool { return e.isFrom(10, 11) }

// HasMocks says whether the engine's own tests of modules can mock a provider.
func (e Engine) HasMocks() bool { return e.isFrom(7, 8) }

// HasMinimalRefresh says whether plan knows -minimal-refresh.
func (e Engine) HasMinimalRefresh() bool { return e.Name == "terraform" && e.isFrom(17, 0) }

// HasEnabled says whether a lifecycle block knows enabled, which stands for a count of 0 or 1.
func (e Engine) HasEnabled() bool { return e.Name == "tofu" && e.isFrom(0, 11) }

// isFrom says whether an engine is at least Terraform 1.x or OpenTofu 1.y.
func (e Engine) isFrom(terraform, tofu int) bool {
	if e.Name == "tofu" {
		return !e.before(1, tofu)
	}
	return !e.before(1, terraform)
}

// before compares the engine's version. A pre-release counts as its release.
func (e Engine) before(major, minor int) bool {
	parts := strings.SplitN(e.Version, ".", 3) // which versionLine has matched
	ownMajor, _ := strconv.Atoi(parts[0])
	ownMinor, _ := strconv.Atoi(parts[1])
	return ownMajor < major || ownMajor == major && ownMinor < minor
}
