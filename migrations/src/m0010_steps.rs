//! Step courses (ステップ配信, SEG-9), and the day on which somebody first registered.

/// `course.written` is what is edited, `in_force` what is sent. A delivery of a course names
/// the step, the day on which it was due, and the residents' own days that it is for; the
/// index keeps a step from becoming two deliveries, the freeze (`store::steps::had`) keeps a
/// resident from getting it in another.
pub(crate) const SQL: &str = r"
CREATE TABLE course (
    id {id},
    name TEXT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    created_by BIGINT REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    written TEXT NOT NULL,
    in_force TEXT,
    next_at BIGINT,
    paused_at BIGINT,
    asked_by BIGINT REFERENCES staff(id),
    asked_at BIGINT,
    asked_people BIGINT,
    asked_words TEXT,
    approved_by BIGINT REFERENCES staff(id),
    approved_people BIGINT
);
CREATE INDEX course_due ON course (next_at) WHERE state = 'running';
CREATE TABLE course_event (
    id {id},
    course_id BIGINT NOT NULL REFERENCES course(id),
    at BIGINT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    staff_id BIGINT REFERENCES staff(id)
);
CREATE INDEX course_event_course ON course_event (course_id, id);
ALTER TABLE delivery ADD COLUMN course_id BIGINT REFERENCES course(id);
ALTER TABLE delivery ADD COLUMN step BIGINT;
ALTER TABLE delivery ADD COLUMN step_day BIGINT;
ALTER TABLE delivery ADD COLUMN step_late BOOLEAN;
ALTER TABLE delivery ADD COLUMN own_from BIGINT;
ALTER TABLE delivery ADD COLUMN own_to BIGINT;
CREATE UNIQUE INDEX delivery_step ON delivery (course_id, step, step_day, step_late, own_from);
CREATE INDEX delivery_step_day ON delivery (step_day) WHERE course_id IS NOT NULL;
ALTER TABLE resident ADD COLUMN first_registered_at BIGINT;
UPDATE resident SET first_registered_at = COALESCE((SELECT MIN(h.at) FROM history h WHERE h.resident_id = resident.id AND h.kind = 'register'), registered_at) WHERE registered_at IS NOT NULL;
";
