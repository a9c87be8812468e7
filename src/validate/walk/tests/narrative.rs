//! Narratives of resources and sections, as the walk sees them. What may stand in one is tested with `fhir::xhtml`.

use serde_json::{Value, json};

use super::{found, patient};

fn narrative(inner: &str) -> Value {
    json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>")})
}

fn told(inner: &str) -> Vec<String> {
    found(&patient(&json!({"text": narrative(inner)})))
}

#[test]
fn what_is_wrong_in_a_narrative_is_told_at_its_div() {
    let table = [
        ("<p>Ann</p>", vec![]),
        ("<script>x</script>", vec!["error txt-1 Patient.text.div"]),
        ("<p onclick=\"x\">Ann</p>", vec!["error txt-1 Patient.text.div"]),
        (" <p/>", vec!["error txt-2 Patient.text.div"]),
        ("Ann &nbsp; Test", vec!["error xhtml-entity Patient.text.div"]),
        ("<a href=\"javascript:x\">Ann</a>", vec!["error xhtml-link Patient.text.div"]),
        ("<b>Ann</i>", vec!["error xhtml-form Patient.text.div"]),
        ("Ann <div xml:lang=\"en\">Ann</div>", vec!["warning xhtml-language Patient.text.div"]),
        ("<p id=\"x\">Ann</p><p id=\"x\">Ann</p>", vec!["warning xhtml-id Patient.text.div"]),
        ("<pre xml:space=\"preserve\">Ann</pre>", vec![]),
        // links within
        ("<a href=\"#x\">Ann</a><p id=\"x\">Ann</p>", vec![]),
        ("<a href=\"#a\">Ann</a>", vec![]),
        ("<a href=\"#x\">Ann</a>", vec!["error xhtml-target Patient.text.div"]),
        ("<img src=\"#x\" alt=\"\"/>", vec!["error xhtml-target Patient.text.div"]),
        ("<a href=\"#a\">Ann</a><p id=\"a\">Ann</p>", vec!["warning xhtml-target Patient.text.div"]),
    ];
    for (inner, expected) in table {
        assert_eq!(told(inner), expected, "{inner}");
    }
    let bare = found(&patient(&json!({"text": {"status": "generated", "div": "<div>Ann</div>"}})));
    assert_eq!(bare, ["error xhtml-namespace Patient.text.div"]);
}

#[test]
fn sections_have_narratives_too_and_links_may_leave_the_resource_for_its_bundle() {
    let composition = |inner: &str| {
        json!({
            "resourceType": "Composition", "status": "final", "date": "2026-11-22", "title": "A letter",
            "type": {"text": "Letter"}, "author": [{"display": "B Test"}],
            "section": [{"title": "Plan", "text": narrative(inner)}],
        })
    };
    assert_eq!(found(&composition("<p>Ann</p>")), Vec::<String>::new());
    assert_eq!(found(&composition("<form>Ann</form>")), ["error txt-1 Composition.section[0].text.div"]);
    let link = composition("<a href=\"#there\">Ann</a>");
    assert_eq!(found(&link), ["error xhtml-target Composition.section[0].text.div"]);
    let entry = |id: u8, resource: &Value| json!({"fullUrl": format!("urn:uuid:00000000-0000-4000-8000-00000000000{id}"), "resource": resource});
    let other = patient(&json!({"name": [{"id": "there", "family": "Test"}]}));
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [entry(1, &link), entry(2, &other)]});
    let told = found(&bundle);
    assert!(!told.iter().any(|one| one.contains("xhtml")), "{told:?}");
}

#[test]
fn a_narrative_is_in_the_language_of_its_resource() {
    let table = [
        ("<div xmlns='http://www.w3.org/1999/xhtml' lang='en' xml:lang='en'>Ann</div>", 0),
        ("<div xmlns='http://www.w3.org/1999/xhtml'><div lang='en' xml:lang='en'>Ann</div></div>", 0),
        ("<div xmlns='http://www.w3.org/1999/xhtml'>Ann</div>", 1),
        ("<div xmlns='http://www.w3.org/1999/xhtml' lang='en'>Ann</div>", 1),
        ("<div xmlns='http://www.w3.org/1999/xhtml' lang='cy' xml:lang='cy'>Ann</div>", 2),
    ];
    for (div, count) in table {
        let resource = patient(&json!({"language": "en", "text": {"status": "generated", "div": div}}));
        let told = found(&resource);
        assert_eq!(told, vec!["warning xhtml-language Patient.text.div"; count], "{div}");
    }
}
