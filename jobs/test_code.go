package jobs

import (
	"context"

	"drover/clients"
	"drover/clients/git"
	"drover/models"
	"drover/rules/recipe"
)

// revisionOf names what a job of a test ran: its definition, and its code
// in the tree under test. Git is asked when the job has ended, since a start
// must stay quick. What the mirror will not say is left out: a result without
// it is worth more than none.
func (w *Worker) revisionOf(ctx context.Context, q models.Query, e ending) (recipe.Revision, error) {
	revision := recipe.Revision{Definition: e.test.Version}
	if e.job.StartedAt == nil { // it ran nothing
		return revision, nil
	}
	mirror, err := w.mirrorOf(q, e.checkout.TreeID)
	if err != nil {
		return revision, err
	}
	code := runOf(e.test).FindCode()
	var objects []git.Object
	err = w.outside("git.code", func() error {
		objects, err = w.codeOf(ctx, mirror, e.checkout.SHA, code)
		return err
	})
	if class := clients.ClassOf(err); err != nil && (class == clients.NotYet || class == clients.Permanent) {
		w.log.Warn("the code of a test could not be looked up", "test", e.test.Path, "commit", e.checkout.SHA, "error", err)
		return revision, nil
	}
	if len(objects) > 0 {
		revision.Digest, revision.Of = git.Digest(objects), code.Of(pathsOf(objects))
	}
	return revision, err
}

// codeOf lists what of the code of a test a commit has.
func (w *Worker) codeOf(ctx context.Context, mirror, sha string, code recipe.Code) ([]git.Object, error) {
	if code.KUnit {
		return w.Git.TreeObjects(ctx, mirror, sha, func(path string) bool { return code.Has(path, false) })
	}
	if len(code.Paths) == 0 {
		return nil, nil
	}
	objects, err := w.Git.PathObjects(ctx, mirror, sha, code.Paths)
	var list []git.Object
	for _, o := range objects {
		if code.Has(o.Path, o.Folder) {
			list = append(list, o)
		}
	}
	return list, err
}

func pathsOf(objects []git.Object) []string {
	paths := make([]string, len(objects))
	for i, o := range objects {
		paths[i] = o.Path
	}
	return paths
}
