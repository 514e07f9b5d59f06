#!/bin/sh
# Makes new access tokens and prints them, for exec: of WECHAT_APPID or, with batch = true, of all its arguments.
# A NEW TOKEN ENDS THE ONE THAT A RUNNING SERVICE USES FOR THE ACCOUNT, and the next plan does it again.
#
# Needs curl and jq, and in the environment:
#   COMPONENT_APPID       the third-party platform that the accounts have authorized
#   COMPONENT_TOKEN_FILE  where the platform's service keeps its component access token
#   REFRESH_TOKENS        a folder with each account's refresh token, in a file named by its appid
#   COMPONENT_API         WeChat's address, unless it is https://api.weixin.qq.com
set -eu
umask 077

# Any command that prints these will do, such as redis-cli with GET.
component_token=$(head -n 1 "$COMPONENT_TOKEN_FILE")
refresh_token_of() { head -n 1 "$REFRESH_TOKENS/$1"; }

# renew makes one account's token. What fails there ends it: of several accounts that one alone.
renew() (
	set -e
	appid=$1
	case $appid in
	'' | *[!0-9A-Za-z]*)
		echo "that is no appid" >&2
		exit 1
		;;
	esac
	refresh_token=$(refresh_token_of "$appid")

	# Other users see a program's arguments, so no secret is one: printf, part of the shell, hands them to jq, jq to curl.
	answer=$(
		printf '%s\n' "$component_token" "$refresh_token" |
			jq -Rrn --arg api "${COMPONENT_API:-https://api.weixin.qq.com}" \
				--arg component "$COMPONENT_APPID" --arg appid "$appid" '
				input as $token | input as $refresh
				| "\($api)/cgi-bin/component/api_authorizer_token?component_access_token=\($token | @uri)" as $url
				| {component_appid: $component, authorizer_appid: $appid, authorizer_refresh_token: $refresh} as $body
				| "url = \($url | tojson)", "data = \($body | tojson | tojson)"' |
			curl --disable --silent --show-error --fail --max-time 20 --config - \
				--header 'Content-Type: application/json'
	)
	ask() { printf '%s' "$answer" | jq -r "$1"; }

	code=$(ask '.errcode // 0 | tostring | if test("^-?[0-9]+$") then . else "that is no number" end')
	if [ "$code" != 0 ]; then
		echo "WeChat refused with errcode ${code:-missing}" >&2
		exit 1
	fi
	if [ -z "$(ask '.authorizer_access_token // ""')" ]; then
		echo "WeChat made no token and gave no errcode" >&2
		exit 1
	fi

	# Perhaps nobody else knows the refresh token that came back: it is kept first, whole or not at all.
	renewed=$(ask '.authorizer_refresh_token // ""')
	if [ -n "$renewed" ]; then
		new=$(mktemp "$REFRESH_TOKENS/.new-XXXXXX")
		printf '%s\n' "$renewed" >"$new"
		mv -f "$new" "$REFRESH_TOKENS/$appid"
	fi

	ask '{access_token: .authorizer_access_token, expires_in: .expires_in}'
)

if [ $# = 0 ]; then
	renew "$WECHAT_APPID"
	exit
fi

# An account that got no token is left out. Where none got one, the script fails.
for appid; do
	set +e # and no "if": within a condition the shell would go on after a failure in renew
	made=$(renew "$appid")
	failed=$?
	set -e
	if [ "$failed" = 0 ]; then
		printf '{"%s": %s}\n' "$appid" "$made"
	else
		echo "$appid is left out" >&2
	fi
done | jq -s '
	if . == [] then error("no account got a token") else add end
	| {access_tokens: map_values(.access_token), expires_in: ([.[].expires_in] | min)}'
