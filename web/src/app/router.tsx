// Every address of the page. Pages behind sign-in load on demand.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { useSession } from "~/api/session";
import { LoginPage } from "~/features/auth/login-page";
import { SetupPage } from "~/features/auth/setup-page";
import { SignInPage } from "~/features/auth/sign-in-page";
import { listSearch } from "~/features/list/search";
import { localPath } from "~/lib/redirect";
import { SignedInLayout } from "./layouts/signed-in";
import { ShellLayout } from "./layouts/shell";
import { CrashPage, LoadingPage, NotFoundPage, RootLayout } from "./layouts/root";

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
    throw redirect({ to: useSession.getState().user ? "/chatflows" : "/login", replace: true });
  },
});

const loginRoute = createRoute({ getParentRoute: () => rootRoute, path: "/login", component: LoginPage, validateSearch: entrySearch });
const signInRoute = createRoute({ getParentRoute: () => rootRoute, path: "/signin", component: SignInPage, validateSearch: entrySearch });
const setupRoute = createRoute({ getParentRoute: () => rootRoute, path: "/organization-setup", component: SetupPage });
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

export interface ChatflowsSearch {
  q?: string | undefined;
  page?: number | undefined;
  limit?: number | undefined;
}

const chatflowsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/chatflows",
  validateSearch: (search: Record<string, unknown>): ChatflowsSearch => ({
    q: typeof search["q"] === "string" && search["q"] ? search["q"] : undefined,
    page: wholeNumber(search["page"]),
    limit: wholeNumber(search["limit"]),
  }),
  component: lazyRouteComponent(() => import("~/features/chatflows"), "ChatflowsPage"),
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

const toolRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tools/$id",
  component: lazyRouteComponent(() => import("~/features/tools"), "ToolPage"),
});

export interface CanvasSearch {
  /** The node whose details are open. */
  node?: string | undefined;
  /** Which of the views a narrow screen shows. */
  view?: "graph" | "outline" | "chat" | undefined;
}

const canvasRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/canvas/$id",
  validateSearch: (search: Record<string, unknown>): CanvasSearch => ({
    node: typeof search["node"] === "string" && search["node"] ? search["node"] : undefined,
    view: search["view"] === "outline" || search["view"] === "chat" ? search["view"] : undefined,
  }),
  component: lazyRouteComponent(() => import("~/features/canvas"), "CanvasPage"),
});

const chatRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/chat/$id",
  component: lazyRouteComponent(() => import("~/features/chat/view/chat-page"), "ChatPage"),
});

const publicChatRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/chatbot/$id",
  component: lazyRouteComponent(() => import("~/features/chat/view/public-chat-page"), "PublicChatPage"),
});

function wholeNumber(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

const routeTree = rootRoute.addChildren([
  startRoute,
  loginRoute,
  signInRoute,
  setupRoute,
  forgotRoute,
  resetRoute,
  // One a line, so that pages added at the same time do not get into each other's way.
  signedInRoute.addChildren([
    shellRoute.addChildren([
      chatflowsRoute,
      accountRoute,
      credentialsRoute,
      variablesRoute,
      apiKeysRoute,
      toolsRoute,
      toolRoute,
    ]),
    canvasRoute,
    chatRoute,
  ]),
  publicChatRoute,
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
