//! A request for a prompt.

use std::borrow::Cow;

use rmcp::model::{ErrorData, GetPromptRequestParams, GetPromptResponse};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::Metered;
use super::request::{Facts, answer};
use crate::mcp::known_names::means_unknown;
use crate::mcp::labels::{CANCELLED, PANIC, error_type};
use crate::mcp::method::Method;
use crate::mcp::operation::{Operation, Target};
use crate::mcp::supervisor::Ended;

impl<S: ServerHandler> Metered<S> {
    /// Gets a prompt as an operation. Its name is a label only if the server answers with it: a
    /// client can ask for any name.
    pub(super) async fn prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let facts = Facts::of(&context);
        let operation = Operation::of_server(Method::GET_PROMPT, facts.transport);
        let name = request.name.clone();
        let token = context.ct.clone();
        let handle = |context| self.inner.get_prompt(request, context);
        let ended = self.run(context, handle, token.cancelled()).await;
        let (is_known, failure) = match &ended {
            Ended::Panicked(_) => (false, Some(Cow::Borrowed(PANIC))),
            Ended::Cancelled => (false, Some(Cow::Borrowed(CANCELLED))),
            Ended::Returned(_) if token.is_cancelled() => (false, Some(Cow::Borrowed(CANCELLED))),
            Ended::Returned(Ok(GetPromptResponse::InputRequired(_))) => {
                (true, facts.input_required())
            }
            Ended::Returned(Ok(_)) => (true, None),
            Ended::Returned(Err(error)) => {
                let is_known = !means_unknown(error.code);
                (is_known, Some(error_type(facts.code(error))))
            }
        };
        let mut target = Target::None;
        if operation.is_recorded() {
            let known = self.known.prompts.find(&name);
            let known = known.or_else(|| is_known.then(|| self.known.prompts.add(&name)).flatten());
            target = known.map_or(Target::None, Target::Prompt);
            operation.end(target, failure);
        }
        answer(Method::GET_PROMPT, target, ended)
    }
}
