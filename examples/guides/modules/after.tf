variable "release" {
  type    = string
  default = "1"
}

resource "terraform_data" "release" {
  input = var.release
}

# Read once the release is out, and not in the plan.
module "shop_after_release" {
  source     = "./gated"
  providers  = { wechat.platform = wechat.tea }
  appid      = "wx1000000000000002"
  open_appid = "wx2000000000000001"
  depends_on = [terraform_data.release]
}

resource "terraform_data" "announcement" {
  input = module.shop_after_release.open_appid
}
