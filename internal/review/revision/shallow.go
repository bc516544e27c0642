package revision

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// commit resolves a name, one of the remote's branches included.
func (g repository) commit(ctx context.Context, name string) (string, error) {
	if strings.HasPrefix(name, "-") {
		return "", failure("", "%q is no revision", name)
	}
	for _, try := range []string{name, "origin/" + name} {
		if id, err := g.run(ctx, "rev-parse", "--verify", "--quiet", try+"^{commit}"); err == nil {
			return id, nil
		}
	}
	if g.shallow(ctx) {
		return "", g.tooShallow(ctx, name)
	}
	return "", failure("git branch -a and git tag list what there is; git fetch brings what is new", "there is no branch, tag or commit %s", name)
}

func (g repository) shallow(ctx context.Context) bool {
	text, err := g.run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && text == "true"
}

// ancestor is a revision that is said by its distance: HEAD~3, main^^, v1~2^.
var ancestor = regexp.MustCompile(`^([^~^]+)((?:~[0-9]*|\^1?)+)$`)

var generations = regexp.MustCompile(`~([0-9]*)|\^`)

// tooShallow explains why a name means nothing in a shallow clone, and how deep
// the clone must be.
func (g repository) tooShallow(ctx context.Context, name string) error {
	if m := ancestor.FindStringSubmatch(name); m != nil {
		if have, err := g.depth(ctx, m[1]); err == nil {
			back := 0
			for _, step := range generations.FindAllStringSubmatch(m[2], -1) {
				n, err := strconv.Atoi(step[1])
				if err != nil {
					n = 1
				}
				back += n
			}
			return failure(fmt.Sprintf("deepen it: git fetch --deepen=%d origin; in a pipeline, check out with fetch-depth: %d", max(1, back+1-have), back+1),
				"%s is not in this shallow clone, which has %s of %s and must have %d", name, commits(have), m[1], back+1)
		}
	}
	branch := strings.TrimPrefix(name, "origin/")
	return failure(fmt.Sprintf("a branch: git fetch --depth=100 origin +refs/heads/%s:refs/remotes/origin/%s; a tag: git fetch --depth=100 origin tag %s; or check out with the whole history (fetch-depth: 0)",
		branch, branch, branch), "%s is not in this shallow clone", name)
}

// depth is how many generations of a revision there are.
func (g repository) depth(ctx context.Context, name string) (int, error) {
	text, err := g.run(ctx, "rev-list", "--first-parent", "--count", name, "--")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

func commits(n int) string {
	if n == 1 {
		return "1 commit"
	}
	return fmt.Sprintf("%d commits", n)
}

// unrelated explains why there is no merge base.
func (g repository) unrelated(ctx context.Context, against string) error {
	if !g.shallow(ctx) {
		return failure("they are histories of their own: "+withFolder, "HEAD and %s have no commit in common", against)
	}
	depth, _ := g.depth(ctx, "HEAD")
	return failure("deepen the clone: git fetch --deepen=200 origin, or check out with the whole history (fetch-depth: 0)",
		"the clone is shallow (%s of HEAD): the commit that HEAD and %s have in common is not in it", commits(depth), against)
}
