package format

// two reads two digits; -1 when they are not there.
func two(b []byte, i int) int {
	if i+2 > len(b) || b[i]-'0' > 9 || b[i+1]-'0' > 9 {
		return -1
	}
	return int(b[i]-'0')*10 + int(b[i+1]-'0')
}

// date is RFC 3339's full-date.
func date(b []byte) bool {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return false
	}
	century, year, month, day := two(b, 0), two(b, 2), two(b, 5), two(b, 8)
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 {
		return false
	}
	last := 31
	switch month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 28
		if y := century*100 + year; y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			last = 29
		}
	}
	return day <= last
}

func dateTime(b []byte) bool {
	return len(b) > 11 && b[10]|0x20 == 't' && date(b[:10]) && fullTime(b[11:])
}

// fullTime is RFC 3339's full-time. A 60th second exists only where a leap
// second can be: at 23:59:60 UTC.
func fullTime(b []byte) bool {
	if len(b) < 9 || b[2] != ':' || b[5] != ':' {
		return false
	}
	hour, minute, second := two(b, 0), two(b, 3), two(b, 6)
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return false
	}
	b = b[8:]
	if b[0] == '.' {
		n := leadingDigits(b[1:])
		if n == 0 {
			return false
		}
		b = b[n+1:]
	}
	if len(b) == 1 && b[0]|0x20 == 'z' {
		return second < 60 || hour == 23 && minute == 59
	}
	if len(b) != 6 || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return false
	}
	zoneHour, zoneMinute := two(b, 1), two(b, 4)
	if zoneHour < 0 || zoneHour > 23 || zoneMinute < 0 || zoneMinute > 59 {
		return false
	}
	if second < 60 {
		return true
	}
	offset := zoneHour*60 + zoneMinute
	if b[0] == '+' {
		offset = -offset
	}
	const day = 24 * 60
	return (hour*60+minute+offset+day)%day == day-1
}

// duration is the grammar of RFC 3339, appendix A: units in order and without
// gaps, weeks on their own.
func duration(b []byte) bool {
	if len(b) < 3 || b[0] != 'P' {
		return false
	}
	b = b[1:]
	if rest, ok := units(b, "W"); ok && len(rest) == 0 {
		return true
	}
	rest, some := units(b, "YMD")
	if len(rest) == 0 {
		return some
	}
	if rest[0] != 'T' {
		return false
	}
	rest, some = units(rest[1:], "HMS")
	return some && len(rest) == 0
}

// units reads digits followed by a unit as long as each unit is the next one
// of the names, and returns what is left.
func units(b []byte, names string) (rest []byte, some bool) {
	next := 0
	for len(b) > 0 {
		n := leadingDigits(b)
		if n == 0 || n == len(b) {
			return b, some
		}
		at := -1
		for i := next; i < len(names); i++ {
			if names[i] == b[n] {
				at = i
			}
		}
		if at < 0 || some && at != next {
			return b, some
		}
		next, some, b = at+1, true, b[n+1:]
	}
	return b, some
}
