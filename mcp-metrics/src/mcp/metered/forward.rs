//! Forwards every method of a server handler, and records it.
//!
//! A method that is not forwarded would answer with rmcp's default, without a compile error:
//! `tests/behaviour/mcp_messages/forwarded.rs` compares this file with the trait.

#![expect(
    deprecated,
    reason = "clients of earlier protocol versions use these methods"
)]

use std::borrow::Cow;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CancelledNotificationParam,
    CompleteRequestParams, CompleteResult, CustomNotification, CustomRequest, CustomResult,
    DiscoverResult, ErrorCode, ErrorData, GetPromptRequestParams, GetPromptResponse,
    GetSkillRequestParams, GetSkillResult, GetTaskParams, GetTaskResult, InitializeRequestParams,
    InitializeResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListSkillsResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam,
    ProtocolVersion, ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult,
    ReadResourceRequestParams, ReadResourceResponse, ServerConfig, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
    validate_skills,
};
use rmcp::service::{MaybeSendFuture, NotificationContext, RequestContext, SubscriptionContext};
use rmcp::transport::streamable_http_server::SessionRestoreMarker;
use rmcp::{RoleServer, ServerHandler};

use super::Metered;
use crate::catalog::mcp::NOTIFICATIONS;
use crate::mcp::labels::{NetworkTransport, error_type};
use crate::mcp::method::{self, Method};
use crate::mcp::operation::Target;
use crate::mcp::record::{self, InFlight, key};
use crate::mcp::session::SessionEnd;

/// Forwards requests whose results are never failures.
macro_rules! forward {
    ($($name:ident($request:ty) -> $result:ty, $method:ident;)+) => {$(
        fn $name(
            &self,
            request: $request,
            context: RequestContext<RoleServer>,
        ) -> impl Future<Output = Result<$result, ErrorData>> + MaybeSendFuture + '_ {
            let handle = |context| self.inner.$name(request, context);
            self.operation(&method::$method, Target::None, context, handle, |_, _| None)
        }
    )+};
}

impl<S: ServerHandler> ServerHandler for Metered<S> {
    forward! {
        complete(CompleteRequestParams) -> CompleteResult, COMPLETE;
        set_level(SetLevelRequestParams) -> (), SET_LEVEL;
        list_prompts(Option<PaginatedRequestParams>) -> ListPromptsResult, LIST_PROMPTS;
        list_resources(Option<PaginatedRequestParams>) -> ListResourcesResult, LIST_RESOURCES;
        list_resource_templates(Option<PaginatedRequestParams>) -> ListResourceTemplatesResult,
            LIST_RESOURCE_TEMPLATES;
        get_task(GetTaskParams) -> GetTaskResult, GET_TASK;
        update_task(UpdateTaskParams) -> (), UPDATE_TASK;
        cancel_task(CancelTaskParams) -> (), CANCEL_TASK;
        read_resource_directory(ReadResourceDirectoryRequestParams) -> ReadResourceDirectoryResult,
            READ_RESOURCE_DIRECTORY;
        subscribe(SubscribeRequestParams) -> (), SUBSCRIBE;
        unsubscribe(UnsubscribeRequestParams) -> (), UNSUBSCRIBE;
    }

    async fn ping(&self, context: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        let handle = |context| self.inner.ping(context);
        self.operation(&method::PING, Target::None, context, handle, |(), _| None)
            .await
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let is_restored = context.extensions.get::<SessionRestoreMarker>().is_some();
        let client = (!is_restored).then(|| request.clone());
        let handle = |context| self.inner.initialize(request, context);
        let result = self
            .operation(
                &method::INITIALIZE,
                Target::None,
                context,
                handle,
                |_, _| None,
            )
            .await;
        match (client, &result) {
            (Some(client), Ok(result)) => self.session.initialize(&client, result),
            (None, Ok(_)) => self.session.restore(),
            (_, Err(_)) => {}
        }
        result
    }

    fn negotiate_initialize(
        &self,
        request: &InitializeRequestParams,
    ) -> Result<InitializeResult, ErrorData> {
        self.inner.negotiate_initialize(request)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }

    async fn discover(
        &self,
        context: RequestContext<RoleServer>,
    ) -> Result<DiscoverResult, ErrorData> {
        let handle = |context| self.inner.discover(context);
        self.operation(&method::DISCOVER, Target::None, context, handle, |_, _| {
            None
        })
        .await
    }

    fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<CallToolResponse, ErrorData>> + MaybeSendFuture + '_ {
        self.tool_call(request, context)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let handle = |context| self.inner.list_tools(request, context);
        let result = self
            .operation(
                &method::LIST_TOOLS,
                Target::None,
                context,
                handle,
                |_, _| None,
            )
            .await;
        if let Ok(list) = &result {
            for tool in &list.tools {
                self.known.tools.add(&tool.name);
            }
        }
        result
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.inner.get_tool(name)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        self.prompt(request, context).await
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let handle = |context| self.inner.read_resource(request, context);
        self.operation(
            &method::READ_RESOURCE,
            Target::None,
            context,
            handle,
            |response, facts| match response {
                ReadResourceResponse::InputRequired(_) => facts.input_required(),
                _ => None,
            },
        )
        .await
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        self.inner.accepted_subscription_filter(requested)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        // It lasts as long as its client, which says nothing about the server: no duration.
        let _active = record::is_enabled().then(|| InFlight::start(&method::LISTEN.active));
        self.inner.listen(context).await
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = Method::of(&request.method);
        let handle = |context| self.inner.on_custom_request(request, context);
        self.operation(method, Target::None, context, handle, |_, _| None)
            .await
    }

    async fn list_skills(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListSkillsResult, ErrorData> {
        let handle = |context| self.inner.list_skills(request, context);
        // rmcp replaces an invalid result by an error.
        let failure = |result: &ListSkillsResult, _: &_| {
            let is_invalid = validate_skills(&result.skills).is_err();
            is_invalid.then(|| error_type(ErrorCode::INTERNAL_ERROR))
        };
        self.operation(&method::LIST_SKILLS, Target::None, context, handle, failure)
            .await
    }

    async fn get_skill(
        &self,
        request: GetSkillRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetSkillResult, ErrorData> {
        let uri = request.uri.clone();
        let handle = |context| self.inner.get_skill(request, context);
        // rmcp replaces an invalid result by an error.
        let failure = |result: &GetSkillResult, _: &_| {
            let is_invalid = result.skill.uri != uri || result.skill.validate().is_err();
            is_invalid.then(|| error_type(ErrorCode::INTERNAL_ERROR))
        };
        self.operation(&method::GET_SKILL, Target::None, context, handle, failure)
            .await
    }

    fn get_info(&self) -> ServerConfig {
        self.inner.get_info()
    }

    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        received("notifications/cancelled");
        self.inner.on_cancelled(notification, context).await;
    }

    async fn on_progress(
        &self,
        notification: ProgressNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        received("notifications/progress");
        self.inner.on_progress(notification, context).await;
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        received("notifications/initialized");
        let transport = NetworkTransport::of(&context.extensions);
        let end = context.extensions.get::<SessionEnd>().cloned();
        self.session.begin(transport, end);
        self.inner.on_initialized(context).await;
    }

    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        received("notifications/roots/list_changed");
        self.inner.on_roots_list_changed(context).await;
    }

    async fn on_custom_notification(
        &self,
        notification: CustomNotification,
        context: NotificationContext<RoleServer>,
    ) {
        received(method::notification(&notification.method));
        self.inner
            .on_custom_notification(notification, context)
            .await;
    }
}

/// Counts a notification from the client.
fn received(method: &'static str) {
    record::increment(&key(
        NOTIFICATIONS,
        [
            ("mcp_method_name", Some(method.into())),
            ("direction", Some("received".into())),
        ],
    ));
}
