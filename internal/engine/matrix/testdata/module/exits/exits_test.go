package exits

import (
	"os"
	"testing"
)

func TestEndsBefore(*testing.T) {}

func TestNeverEnds(t *testing.T) {
	t.Log("the lights go out")
	os.Exit(3)
}
