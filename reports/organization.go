package reports

// Organization is who issues reports.
type Organization struct {
	Name    string
	NameEn  string
	Address string
	Phone   string
}
