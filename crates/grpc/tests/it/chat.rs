//! The example tells its story.

#[path = "../../examples/chat.rs"]
#[expect(dead_code, reason = "an example, that has a main of its own")]
mod example;

#[tokio::test]
async fn the_chat_goes_on_without_the_one_that_floods_it() {
    let story = crate::rig::within(example::story()).await.unwrap();
    println!("{story}");
    for says in [
        "ann and bob are here; 2 calls run",
        "bob hears from ann: how are you?",
        "ResourceExhausted: more than 2 streams of one peer at once",
        "flood sends 200 lines at once\n  ResourceExhausted: messages received too quickly",
        "bob has heard 10 of them, and that flood is out",
        "ann and bob talk on; ",
        "bob: Unavailable: the room closes",
        "grpc_server_handled_total\n  {grpc_type=\"bidi_stream\",grpc_service=\"chat.v1.Chat\",grpc_method=\"Talk\",grpc_code=\"Unavailable\"}",
    ] {
        assert!(story.contains(says), "{says:?} is not in\n{story}");
    }
}
