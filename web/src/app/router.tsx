// Every address of the page. Pages behind sign-in load on demand.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { useSession } from "~/api/session";
import { LoginPage } from "~/features/auth/login-page";
import { messagesSearch } from "~/features/conversations/search";
import { SECTION_NAMES, type SectionName } from "~/features/flow-settings/names";
import { listSearch } from "~/features/list/search";
import { localPath } from "~/lib/redirect";
import { startFor } from "./navigation";
import { SignedInLayout } from "./layouts/signed-in";
import { ShellLayout } from "./layouts/shell";
import { CrashPage, ForbiddenPage, LoadingPage, NotFoundPage, RateLimitedPage, RootLayout } from "./layouts/root";

interface EntrySearch {
  redirect?: string | undefined;
}

function entrySearch(search: Record<string, unknown>): EntrySearch {
  const target = localPath(search["redirect"]);
  return target ? { redirect: target } : {};
}

const rootRoute = createRootRoute({ component: RootLayout, notFoundComponent: NotFoundPage });

const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    const { user } = useSession.getState();
    throw redirect({ to: user ? startFor(user) : "/login", replace: true });
  },
});

const loginRoute = createRoute({ getParentRoute: () => rootRoute, path: "/login", component: LoginPage, validateSearch: entrySearch });
const signInRoute = createRoute({ getParentRoute: () => rootRoute, path: "/signin", component: lazyRouteComponent(() => import("~/features/auth/sign-in-page"), "SignInPage"), validateSearch: entrySearch });
const setupRoute = createRoute({ getParentRoute: () => rootRoute, path: "/organization-setup", component: lazyRouteComponent(() => import("~/features/auth/setup-page"), "SetupPage") });
const forgotRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/forgot-password",
  component: lazyRouteComponent(() => import("~/features/auth/forgot-page"), "ForgotPage"),
});
const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset-password",
  component: lazyRouteComponent(() => import("~/features/auth/reset-page"), "ResetPage"),
});

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  component: SignedInLayout,
  beforeLoad: ({ location }) => {
    if (!useSession.getState().user) throw redirect({ to: "/login", search: { redirect: location.href }, replace: true });
  },
});

const shellRoute = createRoute({ getParentRoute: () => signedInRoute, id: "shell", component: ShellLayout });

const chatflowsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/chatflows",
  validateSearch: listSearch("category"),
  component: lazyRouteComponent(() => import("~/features/chatflows"), "ChatflowsPage"),
});

const agentflowsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/agentflows",
  validateSearch: listSearch("category", "kind"),
  component: lazyRouteComponent(() => import("~/features/chatflows"), "AgentflowsPage"),
});

const marketplacesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/marketplaces",
  validateSearch: listSearch("tab", "type", "framework", "usecase", "badge"),
  component: lazyRouteComponent(() => import("~/features/templates"), "TemplatesPage"),
});

const templateRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/marketplace/$id",
  component: lazyRouteComponent(() => import("~/features/templates"), "TemplatePage"),
});

/** Bookmarks made elsewhere lead to templates of agentflows by this address. */
const agentTemplateRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/v2/marketplace/$id",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/marketplace/$id", params, replace: true });
  },
});

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("~/features/auth/account-page"), "AccountPage"),
});

const credentialsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/credentials",
  validateSearch: listSearch("kind"),
  component: lazyRouteComponent(() => import("~/features/credentials"), "CredentialsPage"),
});

const variablesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/variables",
  validateSearch: listSearch("type"),
  component: lazyRouteComponent(() => import("~/features/variables"), "VariablesPage"),
});

const apiKeysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/apikey",
  validateSearch: listSearch(),
  component: lazyRouteComponent(() => import("~/features/api-keys"), "ApiKeysPage"),
});

const toolsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tools",
  validateSearch: listSearch(),
  component: lazyRouteComponent(() => import("~/features/tools"), "ToolsPage"),
});

const mcpServersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tools/mcp",
  validateSearch: listSearch("status"),
  component: lazyRouteComponent(() => import("~/features/mcp-servers"), "McpServersPage"),
});

const toolRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tools/$id",
  component: lazyRouteComponent(() => import("~/features/tools"), "ToolPage"),
});

const storesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/document-stores",
  validateSearch: listSearch("status"),
  component: lazyRouteComponent(() => import("~/features/document-stores"), "StoresPage"),
});

/** One frame over all pages of a store. */
const storeLayout = createRoute({
  getParentRoute: () => shellRoute,
  id: "store",
  component: lazyRouteComponent(() => import("~/features/document-stores"), "StoreLayout"),
});

const loaderSearch = (search: Record<string, unknown>): { loader?: string | undefined } => ({ loader: typeof search["loader"] === "string" && search["loader"] ? search["loader"] : undefined });
const pageSearch = (search: Record<string, unknown>): { page?: number | undefined } => ({ page: Number.isInteger(search["page"]) && Number(search["page"]) > 1 ? Number(search["page"]) : undefined });

const storeRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/$storeId",
  component: lazyRouteComponent(() => import("~/features/document-stores"), "StorePage"),
});
const storeLoaderRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/$storeId/$loaderName",
  validateSearch: loaderSearch,
  component: lazyRouteComponent(() => import("~/features/document-stores"), "LoaderPage"),
});
const storeChunksRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/chunks/$storeId/$fileId",
  validateSearch: pageSearch,
  component: lazyRouteComponent(() => import("~/features/document-stores"), "ChunksPage"),
});
const storeVectorRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/vector/$storeId",
  component: lazyRouteComponent(() => import("~/features/document-stores"), "TargetsPage"),
});
const storeLoaderVectorRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/vector/$storeId/$docId",
  component: lazyRouteComponent(() => import("~/features/document-stores"), "TargetsPage"),
});
const storeQueryRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/query/$storeId",
  component: lazyRouteComponent(() => import("~/features/document-stores"), "QueryPage"),
});
const storeHistoryRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/history/$storeId",
  validateSearch: listSearch(),
  component: lazyRouteComponent(() => import("~/features/document-stores"), "HistoryPage"),
});
const storeApiRoute = createRoute({
  getParentRoute: () => storeLayout,
  path: "/document-stores/api/$storeId",
  validateSearch: loaderSearch,
  component: lazyRouteComponent(() => import("~/features/document-stores"), "StoreApiPage"),
});

const messagesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/messages",
  validateSearch: messagesSearch,
  component: lazyRouteComponent(() => import("~/features/conversations"), "MessagesPage"),
});

/** An address that bookmarks made elsewhere know. */
const logsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/logs",
  component: lazyRouteComponent(() => import("~/features/logs"), "LogsPage"),
});

const flowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/flow/$id",
  component: lazyRouteComponent(() => import("~/features/flow-pages"), "FlowLayout"),
});

const flowSettingsRoute = createRoute({
  getParentRoute: () => flowRoute,
  path: "/settings",
  validateSearch: (search: Record<string, unknown>): { section?: SectionName | undefined } => ({ section: SECTION_NAMES.find((name) => name === search["section"]) }),
  component: lazyRouteComponent(() => import("~/features/flow-settings"), "FlowSettingsPage"),
});

const flowApiRoute = createRoute({
  getParentRoute: () => flowRoute,
  path: "/api",
  component: lazyRouteComponent(() => import("~/features/flow-api"), "FlowApiPage"),
});

const flowMessagesRoute = createRoute({
  getParentRoute: () => flowRoute,
  path: "/messages",
  validateSearch: messagesSearch,
  component: lazyRouteComponent(() => import("~/features/conversations"), "FlowMessagesPage"),
});

const flowTriggerRoute = createRoute({
  getParentRoute: () => flowRoute,
  path: "/trigger",
  validateSearch: listSearch("status"),
  component: lazyRouteComponent(() => import("~/features/triggers"), "TriggerPage"),
});

const flowLeadsRoute = createRoute({
  getParentRoute: () => flowRoute,
  path: "/leads",
  validateSearch: listSearch(),
  component: lazyRouteComponent(() => import("~/features/leads"), "LeadsPage"),
});

const flowUpsertsRoute = createRoute({
  getParentRoute: () => flowRoute,
  path: "/upserts",
  validateSearch: listSearch(),
  component: lazyRouteComponent(() => import("~/features/upserts"), "UpsertsPage"),
});

export interface CanvasSearch {
  /** The node whose details are open. */
  node?: string | undefined;
  /** Which of the views a narrow screen shows. */
  view?: "graph" | "outline" | "chat" | undefined;
  /** The run that is shown at the nodes; `list` for the list of runs. */
  run?: string | undefined;
  /** The run that stands beside it. */
  compare?: string | undefined;
}

const canvasSearch = (search: Record<string, unknown>): CanvasSearch => ({
  node: typeof search["node"] === "string" && search["node"] ? search["node"] : undefined,
  view: search["view"] === "outline" || search["view"] === "chat" ? search["view"] : undefined,
  run: typeof search["run"] === "string" && search["run"] ? search["run"] : undefined,
  compare: typeof search["compare"] === "string" && search["compare"] ? search["compare"] : undefined,
});

/** One page over all addresses of the canvas: a new flow stays open while it gets its own address. */
const canvasPage = createRoute({
  getParentRoute: () => signedInRoute,
  id: "canvas-page",
  validateSearch: canvasSearch,
  component: lazyRouteComponent(() => import("~/features/canvas"), "CanvasPage"),
});
const canvasRoute = createRoute({ getParentRoute: () => canvasPage, path: "/canvas/$id" });
const newCanvasRoute = createRoute({ getParentRoute: () => canvasPage, path: "/canvas" });
const agentCanvasRoute = createRoute({ getParentRoute: () => canvasPage, path: "/v2/agentcanvas/$id" });
const newAgentCanvasRoute = createRoute({ getParentRoute: () => canvasPage, path: "/v2/agentcanvas" });
const oldAgentCanvasRoute = createRoute({ getParentRoute: () => canvasPage, path: "/agentcanvas/$id" });

const chatRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/chat/$id",
  component: lazyRouteComponent(() => import("~/features/chat/view/chat-page"), "ChatPage"),
});

const runsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/runs",
  validateSearch: listSearch("state", "flowId", "run"),
  component: lazyRouteComponent(() => import("~/features/run/view/runs-page"), "RunsPage"),
});

const executionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/executions",
  validateSearch: listSearch("state", "since", "session", "execution"),
  component: lazyRouteComponent(() => import("~/features/run/view/executions-page"), "ExecutionsPage"),
});

const publicExecutionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/execution/$id",
  component: lazyRouteComponent(() => import("~/features/run/view/public-execution-page"), "PublicExecutionPage"),
});

const publicChatRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/chatbot/$id",
  component: lazyRouteComponent(() => import("~/features/chat/view/public-chat-page"), "PublicChatPage"),
});

const unauthorizedRoute = createRoute({ getParentRoute: () => rootRoute, path: "/unauthorized", component: () => <ForbiddenPage /> });
const rateLimitedRoute = createRoute({ getParentRoute: () => rootRoute, path: "/rate-limited", component: RateLimitedPage });

const routeTree = rootRoute.addChildren([
  startRoute,
  loginRoute,
  signInRoute,
  setupRoute,
  forgotRoute,
  resetRoute,
  unauthorizedRoute,
  rateLimitedRoute,
  // One a line, so that pages added at the same time do not get into each other's way.
  signedInRoute.addChildren([
    shellRoute.addChildren([
      chatflowsRoute,
      agentflowsRoute,
      marketplacesRoute,
      templateRoute,
      agentTemplateRoute,
      accountRoute,
      credentialsRoute,
      variablesRoute,
      apiKeysRoute,
      runsRoute,
      executionsRoute,
      toolsRoute,
      mcpServersRoute,
      toolRoute,
      storesRoute,
      storeLayout.addChildren([
        storeRoute,
        storeLoaderRoute,
        storeChunksRoute,
        storeVectorRoute,
        storeLoaderVectorRoute,
        storeQueryRoute,
        storeHistoryRoute,
        storeApiRoute,
      ]),
      messagesRoute,
      logsRoute,
      flowRoute.addChildren([
        flowSettingsRoute,
        flowApiRoute,
        flowMessagesRoute,
        flowTriggerRoute,
        flowLeadsRoute,
        flowUpsertsRoute,
      ]),
    ]),
    canvasPage.addChildren([canvasRoute, newCanvasRoute, agentCanvasRoute, newAgentCanvasRoute, oldAgentCanvasRoute]),
    chatRoute,
  ]),
  publicChatRoute,
  publicExecutionRoute,
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultErrorComponent: CrashPage,
  defaultPendingComponent: LoadingPage,
  defaultPendingMs: 200,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
