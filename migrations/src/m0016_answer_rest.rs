//! Answers (回答): whom an audience asks for by them, files of all of them, views of their table,
//! mails that sum them up.

/// `form_option` numbers what can be chosen in a form, by which audiences name it; `form.offered`
/// is the last version of which it was noted. `answer_choice.hash` is the keyed hash of form,
/// question and option; `answer.choices_at` is of when the answer was that they are of.
/// `answer_export` is a file that is made in the background, leased like calls; its pieces are
/// blobs. `answer_view.staff_id` is its maker; a shared one is of everybody who may see
/// the form's answers.
/// `form.digest_at` is up to when the mails that sum up have told.
pub(crate) const SQL: &str = r"
CREATE TABLE form_option (
    id {id},
    form_id BIGINT NOT NULL REFERENCES form(id),
    question TEXT NOT NULL,
    choice TEXT NOT NULL,
    question_label TEXT NOT NULL,
    choice_label TEXT NOT NULL,
    place BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (form_id, question, choice)
);
ALTER TABLE form ADD COLUMN offered BIGINT;
CREATE TABLE answer_choice (
    answer_id BIGINT NOT NULL REFERENCES answer(id) ON DELETE CASCADE,
    hash {blob} NOT NULL,
    PRIMARY KEY (answer_id, hash)
) {no_rowid};
CREATE INDEX answer_choice_hash ON answer_choice (hash);
ALTER TABLE answer ADD COLUMN choices_at BIGINT;
CREATE INDEX answer_unhashed ON answer (form_id) WHERE withdrawn_at IS NULL AND (choices_at IS NULL OR choices_at <> COALESCE(corrected_at, created_at));
CREATE TABLE answer_export (
    id {id},
    form_id BIGINT NOT NULL REFERENCES form(id),
    staff_id BIGINT NOT NULL REFERENCES staff(id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    size BIGINT NOT NULL,
    words TEXT NOT NULL,
    owner TEXT,
    leased_until BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    delete_at BIGINT
);
CREATE INDEX answer_export_open ON answer_export (id) WHERE state IN ('waiting', 'working');
CREATE INDEX answer_export_staff ON answer_export (staff_id, form_id);
CREATE INDEX answer_export_delete ON answer_export (delete_at) WHERE delete_at IS NOT NULL;
CREATE TABLE answer_export_piece (
    export_id BIGINT NOT NULL REFERENCES answer_export(id),
    place BIGINT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    PRIMARY KEY (export_id, place)
) {no_rowid};
CREATE TABLE answer_view (
    id {id},
    form_id BIGINT NOT NULL REFERENCES form(id) ON DELETE CASCADE,
    staff_id BIGINT NOT NULL REFERENCES staff(id),
    shared BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    wanted TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX answer_view_form ON answer_view (form_id);
ALTER TABLE form ADD COLUMN digest_at BIGINT;
";
