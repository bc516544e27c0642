package build

import (
	"testing"

	"github.com/banyan-go/banyan/internal/codegen"
)

func TestStages(t *testing.T) {
	t.Parallel()
	var none *Stages
	none.Begin("read", "reading") // measures nothing
	none.Part(codegen.Part{Service: "orders"})
	s := &Stages{}
	s.Begin("read", "reading 2 contracts")
	s.Begin("write", "writing 3 files")
	if got := s.Doing(); got != "writing 3 files" {
		t.Errorf("doing %q", got)
	}
	s.Part(codegen.Part{Service: "orders", Types: 3, Operations: 2, Files: 4})
	s.Begin("more", "more")
	orders := s.Part(codegen.Part{Service: "orders", Files: 1})
	var finished []string
	s.Finished = func(v Service) { finished = append(finished, v.Name) }
	s.finish(codegen.Part{Service: "users"})
	none.finish(codegen.Part{Service: "users"})
	if len(finished) != 1 || finished[0] != "users" {
		t.Errorf("finished %v", finished)
	}
	if orders.Files != 5 || orders.Types != 3 || len(orders.Stages) != 2 || orders.Stages[0].Name != "write" || orders.Stages[1].Name != "more" ||
		orders.Seconds != orders.Stages[0].Seconds+orders.Stages[1].Seconds || orders.Seconds <= 0 {
		t.Errorf("%+v", orders)
	}
	if all := s.Services(); len(all) != 2 || all[1].Name != "users" || len(all[1].Stages) != 1 {
		t.Errorf("%+v", all)
	}
	first := s.Done()
	again := s.Done()
	if len(first) != 3 || first[0].Name != "read" || first[1].Name != "write" || first[0].Seconds <= 0 || again[1] != first[1] {
		t.Errorf("%+v, then %+v", first, again)
	}
}
