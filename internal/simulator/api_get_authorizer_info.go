package simulator

import (
	"encoding/json"
	"slices"
)

// The parts of an authorizer's description that this simulator keeps no state for are those of the recorded answer.
const (
	headImage       = "http://wx.qlogo.cn/mmopen/example/0"
	qrcodeURL       = "http://mmbiz.qpic.cn/mmbiz_jpg/example/0"
	businessInfo    = `{"open_pay": 0, "open_shake": 0, "open_scan": 0, "open_card": 0, "open_store": 0}`
	basicConfig     = `{"is_phone_configured": true, "is_email_configured": true}`
	confirmInfo     = `{"need_confirm": 0, "already_confirm": 0, "can_confirm": 0}`
	miniProgramInfo = `{
		"network": {
			"RequestDomain": ["https://weixin.qq.com"], "WsRequestDomain": ["wss://weixin.qq.com"],
			"UploadDomain": ["https://weixin.qq.com"], "DownloadDomain": ["https://weixin.qq.com"],
			"BizDomain": [], "UDPDomain": [], "TCPDomain": [], "PrefetchDNSDomain": [],
			"NewRequestDomain": [], "NewWsRequestDomain": [], "NewUploadDomain": [], "NewDownloadDomain": [],
			"NewBizDomain": [], "NewUDPDomain": [], "NewTCPDomain": [], "NewPrefetchDNSDomain": []
		},
		"categories": [
			{"first": "生活服务", "second": "丽人服务"},
			{"first": "旅游服务", "second": "旅游资讯"},
			{"first": "物流服务", "second": "查件"}
		],
		"visit_status": 0
	}`
)

// Only some permission sets come with confirm_info in the recorded answer; its meaning is not documented.
var confirmableSets = []int{3, 18, 30}

const serviceAccountType = 2 // service_type_info of an official account of the service kind

type (
	id struct {
		ID int `json:"id"`
	}
	authorizerInfo struct {
		NickName        string          `json:"nick_name"`
		HeadImage       string          `json:"head_img"`
		ServiceType     id              `json:"service_type_info"`
		VerifyType      id              `json:"verify_type_info"`
		UserName        string          `json:"user_name"`
		Alias           string          `json:"alias"`
		QRCodeURL       string          `json:"qrcode_url"`
		BusinessInfo    json.RawMessage `json:"business_info"`
		IDC             int             `json:"idc"`
		PrincipalName   string          `json:"principal_name"`
		Signature       string          `json:"signature"`
		MiniProgramInfo json.RawMessage `json:"MiniProgramInfo,omitempty"`
		ChannelsInfo    *struct{}       `json:"channels_info,omitempty"`
		StoreInfo       *struct{}       `json:"store_info,omitempty"`
		TalentInfo      *struct{}       `json:"talent_info,omitempty"`
		SupplierInfo    *struct{}       `json:"supplier_info,omitempty"`
		RegisterType    int             `json:"register_type"`
		AccountStatus   int             `json:"account_status"`
		BasicConfig     json.RawMessage `json:"basic_config"`
	}
	authorizationInfo struct {
		AppID        string    `json:"authorizer_appid"`
		RefreshToken string    `json:"authorizer_refresh_token"`
		FuncInfo     []funcSet `json:"func_info"`
	}
	funcSet struct {
		Category id              `json:"funcscope_category"`
		Confirm  json.RawMessage `json:"confirm_info,omitempty"`
	}
)

// apiGetAuthorizerInfo describes an account that authorizes the platform, and what it granted.
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
func apiGetAuthorizerInfo(c *call) (any, *refusal) {
	a, refused := c.authorizer()
	if refused != nil {
		return nil, refused
	}
	info := authorizerInfo{
		NickName: a.Name, HeadImage: headImage, VerifyType: id{a.VerifyType}, UserName: a.UserName, Alias: a.Alias,
		QRCodeURL: qrcodeURL, IDC: 1, PrincipalName: a.Owner, Signature: a.Signature, AccountStatus: a.AccountStatus,
		BusinessInfo: json.RawMessage(businessInfo), BasicConfig: json.RawMessage(basicConfig),
	}
	switch a.Kind {
	case OfficialAccount:
		info.ServiceType.ID = serviceAccountType
	case MiniProgram:
		info.MiniProgramInfo = json.RawMessage(miniProgramInfo)
	case Channels:
		info.ChannelsInfo = new(struct{})
	case Store:
		info.StoreInfo = new(struct{})
	case Talent:
		info.TalentInfo = new(struct{})
	case Supplier:
		info.SupplierInfo = new(struct{})
	}
	var told any = info
	if a.Kind == Unknown {
		told = struct{}{}
	}
	return struct {
		Authorizer    any               `json:"authorizer_info"`
		Authorization authorizationInfo `json:"authorization_info"`
	}{told, authorizationInfo{a.AppID, a.toldRefreshToken(), a.funcInfo()}}, nil
}

// funcInfo is how WeChat tells the permission sets that were granted.
func (a *account) funcInfo() []funcSet {
	sets := []funcSet{}
	for _, set := range a.PermissionSets {
		known := funcSet{Category: id{set}}
		if slices.Contains(confirmableSets, set) {
			known.Confirm = json.RawMessage(confirmInfo)
		}
		sets = append(sets, known)
	}
	return sets
}
