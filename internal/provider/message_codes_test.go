package provider

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// TestCodes_areKept keeps what is said of each of WeChat's codes, where the pages about errors are compared with it.
func TestCodes_areKept(t *testing.T) {
	t.Parallel()
	var messages []kept
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		messages = append(messages, kept{fmt.Sprint(code), codes[code].meaning + "\n\n" + codes[code].remedy + "\n"})
	}
	expectKept(t, "codes.txt", messages, nil)
}
