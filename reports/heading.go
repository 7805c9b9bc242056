package reports

// headings are the printed names of the section codes.
var headings = map[string]map[string]string{
	CodeRequest:        {"ja": "依頼内容", "en": "Request"},
	CodeHistory:        {"ja": "臨床情報", "en": "History"},
	CodeTechnique:      {"ja": "検査方法", "en": "Technique"},
	CodeComparison:     {"ja": "比較", "en": "Comparison"},
	CodeFindings:       {"ja": "所見", "en": "Findings"},
	CodeImpression:     {"ja": "診断", "en": "Impression"},
	CodeRecommendation: {"ja": "推奨", "en": "Recommendation"},
	CodeReason:         {"ja": "訂正・撤回の理由", "en": "Reason for the change"},
	CodeAddendum:       {"ja": "補遺", "en": "Addendum"},
}

// Heading returns the printed name of a section code; fallback when the code is
// not one of this product.
func Heading(code, language, fallback string) string {
	if h, ok := headings[code][language]; ok {
		return h
	}
	return fallback
}
