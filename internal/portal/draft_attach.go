// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type attachPage struct {
	draftPage
	Papers   []paperAsked
	NoLonger []fileView // given for papers that are not asked any more
}

// paperAsked is a paper the law asks for, with the files given for it.
type paperAsked struct {
	ID, Field        string // component, id of the input
	Name, Model, How string
	Accept           string
	Originals        int
	Copies           int
	Optional         bool
	Uploads          bool // is handed in as files
	Files            []fileView
	Lacks            []string // to be mended, of a supplement
	Wrong            []string
}

type fileView struct {
	ID, Name, Href string
	Size           int64
	Kind           string
	Gone           string        // why its content is not there any more
	Scan           document.Scan // "" while nothing keeps it from being opened
}

var askPapers = drafted(func(v *drafting) error { return v.askPapers(nil, http.StatusOK) })

func (v *drafting) askPapers(wrong []refusal.Field, status int) error {
	p := attachPage{draftPage: v.draftPage(v.T("portal.papers.title"))}
	var err error
	if p.Papers, p.NoLonger, err = v.papersAsked(wrong); err != nil {
		return err
	}
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		p.Refuse(e, "")
	}
	return v.Render(status, "draft_attach", p)
}

// papersAsked lists the papers the answers ask for with what was given, and
// the files of papers that are not asked any more.
func (v *drafting) papersAsked(wrong []refusal.Field) (asked []paperAsked, rest []fileView, err error) {
	files, err := v.Book.Uploads(v.R.Context(), v.d)
	if err != nil {
		return nil, nil, err
	}
	closed, err := v.Book.Scans(v.R.Context(), digests(files)...)
	if err != nil {
		return nil, nil, err
	}
	left := slices.Clone(v.d.Filing.Documents)
	for _, k := range v.asked() {
		a := paperAsked{ID: k.ID, Field: inputOf(k.ID), Name: k.Name.In(v.Lang), Model: k.Model, How: v.how(&k), Accept: acceptOf(&k), Originals: k.Originals, Copies: k.Copies,
			Optional: k.Optional, Uploads: k.Uploads(), Lacks: v.lacksOf(k.ID)}
		left = slices.DeleteFunc(left, func(p dossier.Paper) bool {
			if p.Component == k.ID {
				a.Files = append(a.Files, v.fileView(files[p.File], closed))
			}
			return p.Component == k.ID
		})
		for _, f := range wrong {
			if f.Pointer == "/"+a.Field {
				a.Wrong = append(a.Wrong, web.FieldSentence(v.Lang, f))
			}
		}
		asked = append(asked, a)
	}
	for _, p := range left {
		rest = append(rest, v.fileView(files[p.File], closed))
	}
	return asked, rest, nil
}

func digests(files map[string]document.File) (list []string) {
	for _, f := range files {
		list = append(list, f.SHA256)
	}
	return list
}

func (v *drafting) fileView(f document.File, closed map[string]document.Scan) fileView {
	return fileView{Scan: closed[f.SHA256], ID: f.ID, Name: f.Name, Href: v.path("tep/" + f.ID), Size: f.Size, Kind: strings.ToUpper(document.KindOf(f.MediaType))}
}

// inputOf is the name and id of the file input of a component.
func inputOf(component string) string { return "tep-" + component }

func acceptOf(k *procedure.Component) string { return "." + strings.Join(k.Kinds(), ",.") }

// attachPapers takes the files of all inputs at once. A file that is refused is
// named at its input; all others are kept.
var attachPapers = drafted(func(v *drafting) error {
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, uploadLimit)
	parts, err := v.R.MultipartReader()
	if err != nil {
		return refusal.New(refusal.Invalid, "request.unreadable")
	}
	values, wrong, taken, err := v.takeParts(parts)
	if err != nil {
		return err
	}
	then := values.Get("then")
	if then == "next" && len(wrong) == 0 {
		for _, k := range v.asked() {
			if k.Uploads() && !k.Optional && v.filesOf(k.ID) == 0 && !v.had(k.ID) {
				wrong = append(wrong, refusal.At("/"+inputOf(k.ID), "dossier.component.missing", "component", k.Name))
			}
		}
	}
	switch {
	case len(wrong) > 0:
		return v.askPapers(wrong, http.StatusUnprocessableEntity)
	case then == "next":
		return v.Redirect(v.next(papersPart))
	case taken == 0:
		return v.Redirect(v.path(papersPart))
	}
	return v.Redirect(v.path(papersPart) + "?da=nop-tep")
})

// uploadLimit bounds all files that are sent at once.
const uploadLimit = 4 * document.MaxBytes

// takeParts reads the parts of an upload as they come. The form token stands
// before the files, so that nothing of a stranger's form is kept.
func (v *drafting) takeParts(parts *multipart.Reader) (values url.Values, wrong []refusal.Field, taken int, err error) {
	values = url.Values{}
	v.R.Form = values // where the guard looks for the token
	full := false
	for n := 0; ; n++ {
		part, err := web.NextPart(parts, n)
		if errors.Is(err, io.EOF) {
			return values, wrong, taken, v.Guard.Check(v.R)
		}
		if err != nil {
			return nil, nil, 0, web.Unreadable(err, uploadLimit)
		}
		if part.FileName() == "" {
			text, err := io.ReadAll(io.LimitReader(part, 1000))
			if err != nil {
				return nil, nil, 0, web.Unreadable(err, uploadLimit)
			}
			if !strings.HasPrefix(part.FormName(), "tep-") {
				values.Add(part.FormName(), string(text))
			}
			continue
		}
		if err := v.Guard.Check(v.R); err != nil {
			return nil, nil, 0, err
		}
		if full { // has been said
			continue
		}
		switch err := v.takeFile(part); {
		case refusal.Is(err, refusal.Unavailable) || err != nil && refusal.As(err) == nil:
			return nil, nil, 0, web.Interrupted(err, uploadLimit)
		case err != nil:
			e, pointer := refusal.As(err), "/"+part.FormName()
			full = e.Key == tooMany
			if e.Key == notAsked {
				pointer = "" // there is no input to link to
			}
			wrong = append(wrong, refusal.Field{Pointer: pointer, Key: e.Key, Args: e.Args})
		default:
			taken++
		}
	}
}

const notAsked, tooMany = "dossier.component.not_asked", "dossier.component.many"

// takeFile stores one upload and puts it to its component.
func (v *drafting) takeFile(part *multipart.Part) error {
	id := strings.TrimPrefix(part.FormName(), "tep-")
	asked := v.asked()
	i := slices.IndexFunc(asked, func(k procedure.Component) bool { return k.ID == id && k.Uploads() })
	if i < 0 {
		return refusal.New(refusal.Invalid, notAsked, "component", id)
	}
	if err := v.d.Room(); err != nil {
		return err
	}
	k := &asked[i]
	f, err := v.Book.Upload(v.R.Context(), v.who, k, part.FileName(), part, nil)
	if err != nil {
		return err
	}
	d, err := v.Book.Attach(v.R.Context(), v.who, v.d.ID, k, f)
	if err != nil {
		return err
	}
	return v.take(d)
}

// detachPaper takes a file out of the draft.
var detachPaper = drafted(func(v *drafting) error {
	if _, err := v.Book.Detach(v.R.Context(), v.who, v.d.ID, v.R.PostForm.Get("file")); err != nil {
		return err
	}
	return v.Redirect(v.path(papersPart) + "?da=go-tep")
})

// sendDraftFile sends a file of the draft back to who uploaded it.
var sendDraftFile = drafted(func(v *drafting) error {
	id := v.R.PathValue("file")
	if !slices.ContainsFunc(v.d.Filing.Documents, func(p dossier.Paper) bool { return p.File == id }) {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	files, err := v.Book.Uploads(v.R.Context(), v.d)
	if err != nil {
		return err
	}
	f := files[id]
	return v.sendContent(f.Name, f.MediaType, f.SHA256, f.Size)
})
