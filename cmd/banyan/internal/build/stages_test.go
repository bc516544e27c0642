package build

import "testing"

func TestStages(t *testing.T) {
	t.Parallel()
	var none *Stages
	none.Begin("read", "reading") // measures nothing
	s := &Stages{}
	s.Begin("read", "reading 2 contracts")
	s.Begin("write", "writing 3 files")
	if got := s.Doing(); got != "writing 3 files" {
		t.Errorf("doing %q", got)
	}
	first := s.Done()
	again := s.Done()
	if len(first) != 2 || first[0].Name != "read" || first[1].Name != "write" || first[0].Seconds <= 0 || again[1] != first[1] {
		t.Errorf("%+v, then %+v", first, again)
	}
}
