package token

import (
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// Reason says why a source has no token to give, or why a text is no token. It is an identifier that may be
// logged, not a sentence for users.
type Reason string

// The reasons. Behind each stands which of [Error]'s fields belong to it.
const (
	NoAnswer     Reason = "no answer"       // the source was still being asked when its reader's time was over
	InvalidAppID Reason = "invalid appid"   // Detail: why
	NotBatch     Reason = "not a batch"     // a program printed one, and is not said to
	NoEntry      Reason = "no entry"        // a map of tokens, or a batch, lacks the appid
	InvalidGiven Reason = "invalid value"   // Invalid: the one token that was given
	InvalidEntry Reason = "invalid entry"   // Invalid: an entry of a map
	InvalidFile  Reason = "invalid content" // Name: the file; Invalid: its content

	FileNotFound      Reason = "file not found"         // Name
	FileUnreadable    Reason = "file not read"          // Name; Detail: why
	FileNoBatch       Reason = "no batch in file"       // Name
	FileRepeatedAppID Reason = "repeated appid in file" // Name

	CommandQueued     Reason = "command queued"      // Detail: how many run at once
	CommandNotFound   Reason = "command not found"   // Name
	CommandForbidden  Reason = "command forbidden"   // Name
	CommandInFolder   Reason = "command in folder"   // Name; it is there, and the PATH leads to it by a relative folder
	CommandLineBreaks Reason = "command line breaks" // Name; a carriage return ends the line of its interpreter
	CommandNoLoader   Reason = "command no loader"   // Name; it is there, and what would run it is not
	CommandFormat     Reason = "command format"      // Name; a script without #!, or for another machine
	CommandNoFiles    Reason = "command no files"    // Name; there are no file descriptors left
	CommandNotStarted Reason = "command not started" // Name; Detail: the system's error
	CommandTimeout    Reason = "command timeout"     // Detail: the limit
	CommandFailed     Reason = "command failed"      // Detail: the exit status
	OutputTooLarge    Reason = "output too large"    // Detail: the limit in bytes
	InvalidOutput     Reason = "invalid output"      // Invalid: the whole output

	RequestFailed     Reason = "request failed"      // Failure
	AnswerUnavailable Reason = "service unavailable" // Status

	// What a program prints or a service answers, which is a service's where Host is set.
	NotJSON      Reason = "not JSON"
	BareToken    Reason = "bare token"
	NoBatch      Reason = "no batch"      // Name, as of NoToken: there is no object
	NoToken      Reason = "no token"      // Name: the path, as for the next four
	InvalidToken Reason = "invalid token" // Invalid
	NoLifetime   Reason = "no lifetime"
	NoExpiry     Reason = "no expiry"
	RepeatedName Reason = "repeated name" // an object has a name of the path twice, with different values

	// The reasons of an [InvalidError].
	TokenEmpty         Reason = "empty"
	TokenByteOrderMark Reason = "byte order mark"
	TokenPlaceholder   Reason = "placeholder" // Word
	TokenAssignment    Reason = "assignment"
	TokenHeader        Reason = "authorization header"
	TokenPage          Reason = "HTML or XML"
	TokenJSON          Reason = "JSON"
	TokenLines         Reason = "several lines"
	TokenPadded        Reason = "surrounding space"
	TokenQuotes        Reason = "quotation marks"
	TokenSpaces        Reason = "spaces"
	TokenCharacter     Reason = "character"
	TokenTooLong       Reason = "too long"
	TokenNoText        Reason = "no text"
)

// Error is a source that has no token to give: codes and facts. All of them but Name may be shown as they are.
type Error struct {
	Source Description // set by [Cache]
	Reason Reason
	// Name is the file, the command or the path in JSON that it is about. It may be a secret in the wrong place.
	Name   string
	Detail string
	// Invalid is what is wrong with the text in the token's place, an [*InvalidError].
	Invalid error
	// Quote is the end of a program's standard error, or what a service says of its failure; Names are the names in the
	// answer of a service that says nothing.
	Quote, Names string
	// Host is a token service's, Status and Encoding (where it is one that was not asked for) its answer's. Failure is
	// why there is none.
	Host, Encoding string
	Status         int
	Failure        *wire.Failure
	// RetryAfter is how long the service asks to be left alone.
	RetryAfter time.Duration
	// Shared is set where the source would fail for any account.
	Shared bool
	// Outcome says how often a service was asked. OutOfTime is set where the reader's deadline was before an answer.
	wire.Outcome
}

// outOfTime is the outcome of a question that the reader's deadline ended.
var outOfTime = wire.Outcome{OutOfTime: true}

// NoAnswer reports whether the source did not answer in time.
func (e *Error) NoAnswer() bool {
	return e.Reason == NoAnswer || e.Reason == CommandQueued || e.Failure != nil && e.Failure.Timeout()
}

// Error implements error.
func (e *Error) Error() string { return e.Source.Setting + ": " + string(e.Reason) }

// InvalidError is a text that cannot be an access token.
type InvalidError struct {
	Reason Reason
	Word   string // of TokenPlaceholder
}

// Error implements error.
func (e *InvalidError) Error() string { return string(e.Reason) }
