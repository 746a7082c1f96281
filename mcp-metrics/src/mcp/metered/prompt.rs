//! A request for a prompt.

use rmcp::model::{ErrorData, GetPromptRequestParams, GetPromptResponse};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::Metered;
use super::request::{Facts, answer};
use crate::mcp::known_names::means_unknown;
use crate::mcp::method;
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
        let operation = Operation::of_server(&method::GET_PROMPT, facts.transport);
        let name = request.name.clone();
        let token = context.ct.clone();
        let handle = |context| self.inner.get_prompt(request, context);
        let ended = self.run(context, handle, token.cancelled()).await;
        // Read at once: rmcp cancels the token after the answer, too.
        let is_cancelled = token.is_cancelled();
        let failure = facts.failure(&ended, is_cancelled, |value| match value {
            GetPromptResponse::InputRequired(_) => facts.input_required(),
            _ => None,
        });
        let is_known = match &ended {
            Ended::Returned(_) if is_cancelled => false,
            Ended::Returned(Ok(_)) => true,
            Ended::Returned(Err(error)) => !means_unknown(error.code),
            Ended::Panicked(_) | Ended::Cancelled => false,
        };
        let mut target = Target::None;
        if operation.is_recorded() {
            let known = self.known.prompts.find(&name);
            let known = known.or_else(|| is_known.then(|| self.known.prompts.add(&name)).flatten());
            target = known.map_or(Target::None, Target::Prompt);
            operation.end(target, failure);
        }
        answer(&method::GET_PROMPT, target, ended)
    }
}
