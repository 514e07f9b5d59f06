# The accounts that are not where expected.json has them: null there, or no open account, is bound to none.
. as $plan

# Where a plan that failed could not read, it holds what an earlier run read. Gates that were judged tell the two apart.
| (reduce (.checks[]?.instances[]? | select(.status == "pass" or .status == "fail")) as $gate
    ({}; .[$gate.address.to_display] = true)) as $judged

| (reduce (.prior_state.values.root_module // {} | recurse(.child_modules[]?) | .resources[]?
      | select($plan.errored == false or $judged[.address])
      | if .type == "wechat_open_accounts" then .values.accounts // {} | to_entries[]
          | select(.value.status != "error") | [.key, .value.open_appid]
        elif .type == "wechat_open_account" and .values.bound != null then [.values.appid, .values.open_appid]
        else empty end
    ) as [$appid, $open_appid] ({}; .[$appid // "?"] += [$open_appid // "no open account"])) as $read

| $expected[0] | to_entries[]
| (.value // "no open account") as $home
| ($read[.key] // ["not read by this plan"] | unique | join(" and ")) as $at
| select($at != $home)
| "\(.key): \($at), expected: \($home)"
