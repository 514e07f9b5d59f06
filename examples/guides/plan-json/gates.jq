# A line for each gate that failed, and for each that a plan which failed could not judge, as GitHub Actions shows it.
def data: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
def property: data | gsub(":"; "%3A") | gsub(","; "%2C");

(.errored == true) as $errored
| [ .checks[]? | (.instances // [.])[]
    | (.address.to_display | property) as $gate
    | if .status == "fail" or .status == "error" then .problems[]?.message
      elif .status == "unknown" and $errored then "Not judged: the plan failed before this could be."
      else empty end
    | "::error title=\($gate)::\(data)" ]
| if length == 0 and $errored then "::error::The plan failed, and no gate says why: its own output does." else .[] end
