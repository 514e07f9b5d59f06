# WECHAT_BASE_URL and WECHAT_ACCESS_TOKEN_FILE say where the simulator is and where its tokens are.
provider "wechat" {}

variables {
  open_appid = "wx2000000000000001"
  shop       = "wx1000000000000002"
  accounts   = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]
}

run "together" {
  command = plan

  assert {
    condition     = output.shop == "wx2000000000000001"
    error_message = "The module does not hand on the shop's open account."
  }

  assert {
    condition     = length(output.elsewhere) == 0
    error_message = "The module misses ${join(", ", output.elsewhere)}, and all are where they belong."
  }
}

run "shop_unbound" {
  command = plan

  variables {
    shop = "wx1000000000000006"
  }

  expect_failures = [data.wechat_open_account.shop]
}

run "shop_elsewhere" {
  command = plan

  variables {
    shop = "wx1000000000000004"
  }

  expect_failures = [data.wechat_open_account.shop]
}

run "astray" {
  command = plan

  variables {
    open_appid = "wx2000000000000002"
    shop       = "wx1000000000000004"
    accounts   = ["wx1000000000000004", "wx1000000000000005", "wx1000000000000006"]
  }

  assert {
    condition     = join(" ", output.elsewhere) == "wx1000000000000005 wx1000000000000006"
    error_message = "The module names ${jsonencode(output.elsewhere)}."
  }

  expect_failures = [check.together]
}

run "not_read" {
  command = plan

  variables {
    open_appid = "wx2000000000000002"
    shop       = "wx1000000000000004"
    accounts   = ["wx1000000000000004", "wx1000000000000007"] # the second keeps its permission set to itself
  }

  expect_failures = [check.all_read]
}
