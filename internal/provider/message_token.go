package provider

import (
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// sourceText is a message about a token source that has no token to give. In braces stand the facts of a [token.Error]:
// {file}, {program} and {path} are its Name, unless that could be a pasted token.
type sourceText struct{ text, remedy string }

const (
	wholeToken   = "Give the whole access token and nothing else."
	checkCommand = "Check exec.command, and the PATH and the rights of the user that runs the plan; " +
		"a PATH in exec.env is the program's own, and not where it is looked for."
	runBatchByHand = "Run the program by hand. It must print, on standard output and in time, " +
		`JSON with "access_tokens", an object from appid to token, and exit with 0.`
	runByHand = "Run the program by hand with WECHAT_APPID set to this appid. It must print, on standard output " +
		`and in time, the access token alone on one line or JSON with "access_token", and exit with 0.`
	checkTokenPath = "Check token_endpoint.token_path against what the service answers"
	curlWithExec   = `with a program that prints the token, such as exec = { command = "curl", args = ["-fsS", …] }.`
	mapOfTokens    = " A JSON object from appid to token is for access_tokens_file, or for access_tokens = " +
		"jsondecode(file(…))."
	mustBePath = "must be names joined by dots, none of them empty, such as data.token, or tokens.0.value where a " +
		"list is in between; in a name, a backslash stands before each character other than letters, digits, " +
		`"_" and "-".`
	noPointInTime = "neither a number of seconds since 1970 nor a time like 2026-11-26T12:00:00+08:00"
)

// sourceTexts has a row for each reason.
var sourceTexts = map[token.Reason]sourceText{
	token.NoAnswer: {
		"it did not answer in time",
		"See what holds the token source up, or give the data source more time in timeouts.read.",
	},
	token.InvalidAppID: {"the appid cannot be put in place: {detail}", "Correct the appid."},

	token.InvalidGiven: {"the token given there {invalid}", wholeToken},
	token.InvalidEntry: {"the token given there for this appid {invalid}", wholeToken},
	token.NoEntry: {
		"the map has no token for this appid",
		"See that the account's access token gets into the map, under this very appid, or correct the appid.",
	},
	token.FileNoBatch: {
		"{file} holds no JSON object from appid to token",
		`Write the tokens as {"wx…": "token", …}; a file with one token is for access_token_file.`,
	},
	token.FileRepeatedAppID: {
		"{file} has an appid twice, with different tokens",
		"Have whatever writes the file correct it: nothing says which of them counts.",
	},
	token.NoBatch: {"the JSON that the program printed has no object from appid to token in {path}", runBatchByHand},

	token.FileNotFound: {
		"{file} does not exist{from}",
		"Check the appid, and that the setting holds a path and not a token (a relative one starts at the working " +
			"directory, and the appid's place is written {appid}); and that whatever writes the file has run.",
	},
	token.FileUnreadable: {
		"{file} could not be read: {detail}",
		"Check that the path names a plain file with one token in it, which the user that runs the plan may read.",
	},
	token.InvalidFile: {"{file} {invalid}", "It must hold the whole access token and nothing else."},

	token.CommandQueued: {
		"the program was not run for it in time; at most {detail} run at once",
		"Give the data source more time in timeouts.read, or see what makes the program slow.",
	},
	token.CommandNotFound:   {"there is no program {program}{from}", checkCommand},
	token.CommandForbidden:  {"the program {program} may not be run by this user", checkCommand},
	token.CommandNotStarted: {"the program {program} could not be run: {detail}", checkCommand},
	token.CommandInFolder: {
		"the program {program} is found only through a relative folder on the PATH, and so it is not run",
		"Write the path into exec.command; for the current folder it begins with ./.",
	},
	token.CommandLineBreaks: {
		"the first line (#!) of the program {program} ends with a carriage return, as Windows writes it",
		"Write the script with line feeds alone, as dos2unix does.",
	},
	token.CommandNoLoader: {
		"the program {program} is there, but not the interpreter that its first line (#!) names, " +
			"or the loader that it was built for",
		"Install that or correct the line; else take a program that was built for this system.",
	},
	token.CommandFormat: {
		"this machine cannot run the program {program}: it is a script that does not begin with #!, " +
			"or was built for another machine",
		"Begin the script with #!/bin/sh, and nothing before it; or name its interpreter in exec.command, " +
			"and the script in exec.args.",
	},
	token.CommandNoFiles: {
		"the program {program} could not be run: there are no file descriptors left",
		"Raise the limit of the user that runs the plan (ulimit -n), or lower max_concurrent_requests.",
	},
	token.CommandTimeout: {"the program did not end within {detail} and was killed", runByHand},
	token.CommandFailed:  {"the program failed with {detail}", runByHand},
	token.OutputTooLarge: {"the program printed more than {detail} bytes", runByHand},
	token.InvalidOutput:  {"what the program printed {invalid}", runByHand},
	token.NotJSON:        {"what the program printed is not one JSON object and nothing else", runByHand},
	token.NoToken:        {"the JSON that the program printed has no text in {path}", runByHand},
	token.NotBatch: {
		`the JSON that the program printed has "access_tokens", those of all accounts, and exec.batch is not true`,
		"Write batch = true into exec; or have the program print one account's token.",
	},
	token.InvalidToken: {"the access_token that the program printed {invalid}", runByHand},
	token.NoLifetime: {
		"the JSON that the program printed has no number of seconds in {path}, or too large a one", runByHand,
	},
	token.NoExpiry:     {"the JSON that the program printed has in {path} " + noPointInTime, runByHand},
	token.RepeatedName: {"the JSON that the program printed has {path} twice, with different values", runByHand},
}

// serviceTexts are those of what a token service did, in the place of sourceTexts.
var serviceTexts = map[token.Reason]sourceText{
	token.RequestFailed: {"asking {host} brought no answer: {failure}", ""},
	token.AnswerUnavailable: {
		"{host} answered with status {status}{quote}",
		"Run it again a little later; if it stays so, see what is wrong with the service.",
	},
	token.NotJSON: {
		"{host} answered with status {status} and something that is no JSON{encoding}{redirect}",
		"Check token_endpoint.url and the headers: it may be a login page or another service.",
	},
	token.NoToken: {
		"{host} answered with status {status} and no token at {path}{redirect}{quote}",
		checkTokenPath + ", and whether it knows this appid.",
	},
	token.InvalidToken: {"what {host} has at {path} {invalid}", checkTokenPath + "."},
	token.NoLifetime: {
		"{host} has no number of seconds at {path}, or too large a one",
		"Check token_endpoint.expires_in_path against what the service answers, or leave it out; " +
			"a point in time belongs to expires_at_path.",
	},
	token.NoBatch: {
		"{host} answered with status {status} and no object from appid to token at {path}{redirect}{quote}",
		checkTokenPath + ", and whether it answers with the tokens of all accounts.",
	},
	token.NoExpiry: {
		"{host} has at {path} " + noPointInTime,
		"Check token_endpoint.expires_at_path against what the service answers, or leave it out.",
	},
	token.BareToken: {"{host} answered with a bare token and no JSON", "Take it " + curlWithExec},
	token.RepeatedName: {
		"{host} answered with status {status} and {path} twice, with different values",
		"Have whoever runs the service correct its answer: nothing says which of them counts.",
	},
}

// invalidTexts complete "the token …"; none repeats it.
var invalidTexts = map[token.Reason]string{
	token.TokenEmpty: "is empty",
	token.TokenByteOrderMark: "begins with a byte order mark, a character that no access token has: " +
		"write it as plain ASCII, without one",
	token.TokenPlaceholder: "is the word {word}, which stands where there is no token",
	token.TokenAssignment:  "reads as NAME=value: give what follows the first equals sign alone",
	token.TokenHeader:      `begins like an Authorization header, as "Bearer " does: give what follows that alone`,
	token.TokenPage:        "is a page of HTML or XML, as a login page or a gateway sends",
	token.TokenJSON:        "is JSON and not a bare token",
	token.TokenLines:       "has several lines",
	token.TokenPadded:      "begins or ends with a space",
	token.TokenQuotes:      "has quotation marks, which no token has",
	token.TokenSpaces:      "has spaces, as a message has and no bare token",
	token.TokenCharacter:   "holds a character that no access token has: one is made of 0-9, A-Z, a-z and -_.~+/=",
	token.TokenTooLong:     "is longer than 4096 characters",
	token.TokenNoText:      "is no text",
}
