//! Forms (フォーム): definitions, answers, drafts, uploads, lists of who may answer.

/// `form.definition` is what is edited, `form_version` what was published; `edition` counts
/// the saves, `number` the receipts that were given, `received` the answers that count for
/// the limits. What people wrote (`answer.answers`, `answer.staff`, `answer_history.detail`,
/// `answer_draft.body`, `answer_file.name`, `eligibility_row.body`) is encrypted, bound to
/// the row's own `token` (of a history line: to the answer and its time). `answer.send_hash`
/// keeps a double tap from becoming two answers. A draft and an upload belong to a resident,
/// or to whoever holds the token that `owner_hash` is the keyed hash of.
pub(crate) const SQL: &str = r"
CREATE TABLE eligibility (
    id {id},
    name TEXT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    keys TEXT NOT NULL,
    columns TEXT NOT NULL,
    count BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    created_by BIGINT REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE eligibility_row (
    id {id},
    list_id BIGINT NOT NULL REFERENCES eligibility(id),
    generation BIGINT NOT NULL,
    hash {blob} NOT NULL,
    token TEXT NOT NULL,
    body {blob} NOT NULL,
    UNIQUE (list_id, generation, hash)
);
CREATE TABLE form (
    id {id},
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    state TEXT NOT NULL,
    definition TEXT NOT NULL,
    settings TEXT NOT NULL,
    edition BIGINT NOT NULL,
    published BIGINT,
    published_edition BIGINT,
    published_at BIGINT,
    number BIGINT NOT NULL,
    received BIGINT NOT NULL,
    created_by BIGINT REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    updated_by BIGINT REFERENCES staff(id),
    updated_at BIGINT NOT NULL
);
CREATE INDEX form_department ON form (department_id, updated_at);
CREATE TABLE form_version (
    form_id BIGINT NOT NULL REFERENCES form(id),
    number BIGINT NOT NULL,
    definition TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by BIGINT REFERENCES staff(id),
    PRIMARY KEY (form_id, number)
);
CREATE TABLE answer (
    id {id},
    token TEXT NOT NULL UNIQUE,
    form_id BIGINT NOT NULL REFERENCES form(id),
    version BIGINT NOT NULL,
    resident_id BIGINT REFERENCES resident(id),
    owner_hash {blob},
    send_hash {blob} NOT NULL,
    eligible_hash {blob},
    receipt TEXT NOT NULL,
    status TEXT NOT NULL,
    answers {blob} NOT NULL,
    staff {blob},
    edition BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    corrected_at BIGINT,
    withdrawn_at BIGINT,
    read_at BIGINT,
    delete_at BIGINT,
    UNIQUE (form_id, receipt),
    UNIQUE (form_id, send_hash)
);
CREATE INDEX answer_form ON answer (form_id, created_at, id);
CREATE INDEX answer_unread ON answer (form_id) WHERE read_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX answer_resident ON answer (resident_id, created_at) WHERE resident_id IS NOT NULL;
CREATE INDEX answer_owner ON answer (owner_hash) WHERE owner_hash IS NOT NULL;
CREATE INDEX answer_eligible ON answer (form_id, eligible_hash) WHERE eligible_hash IS NOT NULL;
CREATE INDEX answer_delete ON answer (delete_at) WHERE delete_at IS NOT NULL;
CREATE TABLE answer_history (
    id {id},
    answer_id BIGINT NOT NULL REFERENCES answer(id),
    at BIGINT NOT NULL,
    what TEXT NOT NULL,
    staff_id BIGINT REFERENCES staff(id),
    detail {blob}
);
CREATE INDEX answer_history_answer ON answer_history (answer_id, id);
CREATE TABLE answer_draft (
    id {id},
    token TEXT NOT NULL UNIQUE,
    form_id BIGINT NOT NULL REFERENCES form(id),
    resident_id BIGINT REFERENCES resident(id),
    owner_hash {blob},
    body {blob} NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (form_id, resident_id),
    UNIQUE (form_id, owner_hash)
);
CREATE INDEX answer_draft_updated ON answer_draft (updated_at);
CREATE TABLE answer_file (
    id {id},
    token TEXT NOT NULL UNIQUE,
    form_id BIGINT NOT NULL REFERENCES form(id),
    question TEXT NOT NULL,
    resident_id BIGINT REFERENCES resident(id),
    owner_hash {blob},
    answer_id BIGINT REFERENCES answer(id),
    name {blob} NOT NULL,
    position {blob},
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    width BIGINT,
    height BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX answer_file_answer ON answer_file (answer_id);
CREATE INDEX answer_file_open ON answer_file (created_at) WHERE answer_id IS NULL;
";
