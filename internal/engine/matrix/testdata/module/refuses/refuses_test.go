package refuses

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(*testing.M) {
	fmt.Println("there is no moon")
	os.Exit(1)
}

func TestIsNotReached(*testing.T) {}
