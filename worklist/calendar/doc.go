// Package calendar knows when people work in Japan: public holidays, opening
// hours, and what time it is when so much working time has passed.
//
//	国民の祝日に関する法律 (1948, as amended to 2018)  §2 the days, §3 substitute and citizens' holidays
//	平成三十二年東京オリンピック・パラリンピック特措法  the days moved in 2020 and 2021
//
// The equinoxes are computed by the usual formula of the almanac; the government
// announces them a year ahead and may, in principle, decide otherwise. Holidays are
// right from 2007 on.
//
// Everything is a pure function of its arguments, in [Tokyo] time; Japan has no
// summer time. A value may be used by any goroutine.
package calendar
