package mixed

import "testing"

func TestPasses(*testing.T) {}

func TestSkips(t *testing.T) { t.Skip("the moon\nis full") }

func TestSkipsSilently(t *testing.T) { t.SkipNow() }

func TestHasParts(t *testing.T) {
	t.Parallel()
	t.Run("dir/passes", func(*testing.T) {})
	t.Run("skips", func(t *testing.T) { t.Skipf("%s has no moon", "Mercury") })
	t.Run("fails", func(t *testing.T) { t.Error("the part is broken") })
}

func TestFailsBesideItsParts(t *testing.T) {
	t.Run("passes", func(*testing.T) {})
	t.Error("the whole is broken")
}
