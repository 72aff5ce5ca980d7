//! An OpenAPI file, asked what it says of a JSON.
//!
//! OpenAPI 3.0 is no JSON Schema: a `discriminator` chooses exactly one schema by a property, and
//! that schema takes over its base by `allOf`. Both are read as they stand. So are the keywords of
//! which LINE's schemas are made; at any other the test ends, so that nothing passes unread. A
//! validator's crate would turn on `float_roundtrip` in `serde_json` for every test: numbers would
//! be read otherwise than in what is built.

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

pub struct Spec(Value);

/// A body as it goes over the wire.
pub fn body(of: impl Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

impl Spec {
    /// One of LINE's files; nothing where no checkout is named.
    pub fn read(file: &str) -> Option<Self> {
        let named = std::env::var_os("KAIRAN_LINE_OPENAPI").filter(|folder| !folder.is_empty());
        let Some(folder) = named else {
            eprintln!("LINE's {file} is left out: KAIRAN_LINE_OPENAPI is not set");
            return None;
        };
        let path = Path::new(&folder).join(file);
        let text = std::fs::read_to_string(&path);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Some(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        // Otherwise the `y` of a place is read as a yes.
        let options = serde_saphyr::options! { strict_booleans: true };
        Self(serde_saphyr::from_str_with_options(text, options).unwrap())
    }

    /// What is wrong with a JSON by that schema, `place: words`.
    pub fn faults(&self, schema: &str, json: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(self.named(schema), json, "", &mut faults);
        faults
    }

    /// A JSON that is taken is refused with each of these changes, at its place. `null` takes a
    /// property away.
    #[track_caller]
    pub fn refuses(&self, schema: &str, good: &Value, changes: &[(&str, Value)]) {
        assert_eq!(self.faults(schema, good), [""; 0], "{good}");
        for (at, value) in changes {
            let mut wrong = good.clone();
            let (parent, key) = at.rsplit_once('/').unwrap();
            let parent = wrong.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            if value.is_null() {
                parent.remove(key).unwrap();
            } else {
                parent.insert(key.to_owned(), value.clone());
            }
            let faults = self.faults(schema, &wrong);
            let place = format!("{at}:");
            assert!(faults.iter().any(|f| f.starts_with(&place)), "{at} {value}: {faults:?}");
        }
    }

    fn named(&self, name: &str) -> &Value {
        let name = name.trim_start_matches("#/components/schemas/");
        let found = &self.0["components"]["schemas"][name];
        assert!(found.is_object(), "there is no schema {name}");
        found
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        schema["$ref"].as_str().map_or(schema, |name| self.named(name))
    }

    /// A schema, and everything that it takes over.
    fn parts<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let others = schema["allOf"].as_array().into_iter().flatten();
        let others = others.flat_map(|part| self.parts(self.resolved(part)));
        std::iter::once(schema).chain(others).collect()
    }

    fn check(&self, schema: &Value, json: &Value, at: &str, faults: &mut Vec<String>) {
        let schema = self.resolved(schema);
        let mut parts = self.parts(schema);
        if let Some(told) = parts.iter().find_map(|part| part.get("discriminator")) {
            let key = told["propertyName"].as_str().unwrap();
            let kind = json[key].as_str().unwrap_or_default();
            let chosen = told["mapping"][kind].as_str().map(|name| self.named(name));
            // The base stands for all that it names, one of them for itself alone.
            let base = schema.get("discriminator").is_some();
            let Some(chosen) = chosen.filter(|chosen| base || std::ptr::eq(*chosen, schema)) else {
                faults.push(format!("{at}/{key}: \"{kind}\" is not known here"));
                return;
            };
            parts = self.parts(chosen);
        }
        for part in &parts {
            for (keyword, rule) in part.as_object().unwrap() {
                if !holds(keyword, rule, json) {
                    faults.push(format!("{at}: {keyword} {rule} does not hold for {json}"));
                }
            }
        }
        if let Some(list) = json.as_array() {
            for items in parts.iter().filter_map(|part| part.get("items")) {
                for (i, item) in list.iter().enumerate() {
                    self.check(items, item, &format!("{at}/{i}"), faults);
                }
            }
        }
        if let Some(object) = json.as_object() {
            self.check_properties(&parts, object, at, faults);
        }
    }

    /// OpenAPI lets properties pass that no schema names. Here they are faults: LINE is silent
    /// about a misspelt one.
    fn check_properties(
        &self,
        parts: &[&Value],
        object: &Map<String, Value>,
        at: &str,
        faults: &mut Vec<String>,
    ) {
        let required = parts.iter().filter_map(|part| part["required"].as_array()).flatten();
        for name in required.map(|name| name.as_str().unwrap()) {
            if !object.contains_key(name) {
                faults.push(format!("{at}/{name}: is missing"));
            }
        }
        for (name, value) in object {
            let at = format!("{at}/{name}");
            let named = parts.iter().filter_map(|part| part["properties"].get(name));
            let mut schemas: Vec<&Value> = named.collect();
            if schemas.is_empty() {
                let others = parts.iter().filter_map(|part| part.get("additionalProperties"));
                schemas.extend(others);
            }
            if schemas.is_empty() {
                faults.push(format!("{at}: is not known"));
            }
            for schema in schemas {
                self.check(schema, value, &at, faults);
            }
        }
    }
}

/// Whether a keyword lets a JSON pass. One that is meant for another type does.
fn holds(keyword: &str, rule: &Value, json: &Value) -> bool {
    let text = json.as_str();
    let chars = text.map(|text| text.chars().count() as u64);
    let items = json.as_array().map(|list| list.len() as u64);
    let least = |count: Option<u64>| count.is_none_or(|count| count >= rule.as_u64().unwrap());
    let most = |count: Option<u64>| count.is_none_or(|count| count <= rule.as_u64().unwrap());
    match keyword {
        "type" => is(rule.as_str().unwrap(), json),
        "enum" => rule.as_array().unwrap().contains(json),
        "minLength" => least(chars),
        "maxLength" => most(chars),
        "minItems" => least(items),
        "maxItems" => most(items),
        "minimum" => json.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
        "maximum" => json.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
        "pattern" => text.is_none_or(|text| matches(rule.as_str().unwrap(), text)),
        "format" => match rule.as_str().unwrap() {
            "int32" => json.as_i64().is_none_or(|number| i32::try_from(number).is_ok()),
            "int64" => json.as_u64().is_none_or(|number| i64::try_from(number).is_ok()),
            "double" => true,
            "uri" => text.is_none_or(|text| {
                text.bytes().all(|c| c.is_ascii_graphic()) && Url::parse(text).is_ok()
            }),
            other => panic!("the format {other} is not read here"),
        },
        // For people, or looked at above.
        "description"
        | "externalDocs"
        | "default"
        | "allOf"
        | "discriminator"
        | "items"
        | "required"
        | "properties"
        | "additionalProperties" => true,
        other => panic!("the keyword {other} is not read here"),
    }
}

fn is(kind: &str, json: &Value) -> bool {
    match kind {
        "object" => json.is_object(),
        "array" => json.is_array(),
        "string" => json.is_string(),
        "boolean" => json.is_boolean(),
        "integer" => json.is_i64() || json.is_u64(),
        "number" => json.is_number(),
        other => panic!("the type {other} is not read here"),
    }
}

/// Whether a text matches a pattern. Those that are read are of one form: `^U[0-9a-f]{32}$`.
fn matches(pattern: &str, text: &str) -> bool {
    let read = || {
        let (prefix, rest) = pattern.strip_prefix('^')?.strip_suffix("}$")?.split_once('[')?;
        let (class, counts) = rest.split_once("]{")?;
        let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
        Some((prefix, class, least.parse::<usize>().ok()?..=most.parse::<usize>().ok()?))
    };
    let Some((prefix, class, counts)) = read() else {
        panic!("the pattern {pattern} is not read here");
    };
    text.strip_prefix(prefix).is_some_and(|rest| {
        counts.contains(&rest.len()) && rest.bytes().all(|c| within(class.as_bytes(), c))
    })
}

/// Whether a class such as `a-z0-9_-` has a letter.
fn within(class: &[u8], c: u8) -> bool {
    match class {
        [from, b'-', to, rest @ ..] => (*from..=*to).contains(&c) || within(rest, c),
        [one, rest @ ..] => *one == c || within(rest, c),
        [] => false,
    }
}

const PETS: &str = r##"
components:
  schemas:
    Pet:
      type: object
      required: [type]
      properties:
        type: {type: string}
        name: {type: string, minLength: 1, maxLength: 3}
      discriminator:
        propertyName: type
        mapping:
          cat: "#/components/schemas/Cat"
          dog: "#/components/schemas/Dog"
    Cat:
      required: [page]
      allOf:
        - $ref: "#/components/schemas/Pet"
        - type: object
          properties:
            page: {type: string, format: uri}
    Dog:
      allOf:
        - $ref: "#/components/schemas/Pet"
        - properties:
            legs: {type: integer, format: int32, minimum: 0, maximum: 4}
            tag: {type: string, pattern: "^D[0-9a-f]{1,3}$"}
            mood: {type: string, enum: [calm, wild]}
            foe: {$ref: "#/components/schemas/Cat"}
            friends: {type: array, minItems: 1, maxItems: 2, items: {$ref: "#/components/schemas/Pet"}}
            home: {type: object, required: [x, y], properties: {x: {type: integer}, y: {type: integer}}}
            weights: {type: object, additionalProperties: {type: number, format: double}}
"##;

#[test]
fn what_a_schema_does_not_say_is_refused() {
    let cat = json!({"type": "cat", "page": "https://city.example/"});
    let dog = json!({
        "type": "dog", "name": "ぽち", "legs": 4, "tag": "D0f", "mood": "calm",
        "foe": cat, "friends": [cat, {"type": "dog"}], "home": {"x": 1, "y": 2},
        "weights": {"spring": 9.5},
    });
    Spec::parse(PETS).refuses(
        "Pet",
        &dog,
        &[
            ("/type", json!("bird")),
            ("/type", json!(null)),
            ("/name", json!("")),
            ("/name", json!("しろくろ")),
            ("/name", json!(1)),
            ("/legs", json!(5)),
            ("/legs", json!(-1)),
            ("/legs", json!(1.5)),
            ("/tag", json!("D")),
            ("/tag", json!("D0-f")),
            ("/tag", json!("C0f")),
            ("/mood", json!("sad")),
            ("/page", json!("https://city.example/")),
            ("/foe/type", json!("dog")),
            ("/foe/page", json!(null)),
            ("/foe/page", json!("city.example")),
            ("/foe/page", json!("https://city.example/ごみ")),
            ("/foe/legs", json!(4)),
            ("/friends", json!([])),
            ("/friends", json!([cat, cat, cat])),
            ("/friends/0/type", json!("fish")),
            ("/home/y", json!(null)),
            ("/weights/spring", json!("heavy")),
        ],
    );
}
