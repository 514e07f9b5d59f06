#!/bin/sh
# Prints the access tokens of the accounts that its arguments name, for exec with batch = true. Asks Redis once for all,
# and changes nothing there.
#
# Needs redis-cli and jq, and in the environment:
#   REDIS_HOST, REDIS_PORT, REDIS_DATABASE
#   REDISCLI_AUTH  the password of Redis, if it has one
#   KEY            what stands before the appid in the key of an account's token
set -eu

# Standard input takes any number of keys. For each there is a line, which is empty where Redis has none.
{
	printf MGET
	for appid; do printf ' "%s%s"' "$KEY" "$appid"; done
	echo
} |
	redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" -n "$REDIS_DATABASE" |
	# An error of Redis is a line too, and redis-cli ends with 0 all the same: so the lines are counted.
	jq -Rn '[inputs] as $lines | $ARGS.positional as $appids
		| if ($lines | length) == ($appids | length) then [$appids, $lines] | transpose
		  else error("no line for each account; Redis says: \($lines | map(select(test("^[A-Z]+ "))) | join("; "))") end
		# Some SDKs keep the token as JSON, that is, in quotes.
		| map({(.[0]): (.[1] | if . == "" then null else ltrimstr("\"") | rtrimstr("\"") end)})
		| {access_tokens: add}' --args "$@"
