// `/chatbot/:id`: a flow's chat for anybody who has the address, in the looks that its owner gave it.
import "./public.css";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Lock, MessageSquarePlus, MessagesSquare } from "lucide-react";
import { type CSSProperties, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, publicApi } from "~/api";
import { isApiError, isWorthRetrying } from "~/api/errors";
import type { Chatflow } from "~/api/types";
import { ThemeMenu } from "~/app/header-menus";
import { LoadingPage } from "~/app/layouts/root";
import { useSession } from "~/api/session";
import { Markdown } from "~/features/markdown";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { EmptyState, ErrorState } from "~/ui/states";
import { Tip } from "~/ui/tooltip";
import { readChatConfig } from "../model/config";
import { type PublicTheme, readable, readPublicTheme } from "../model/public-theme";
import { useChat } from "../model/use-chat";
import { ChatBody } from "./chat-body";

interface PublicFlow {
  flow: Chatflow;
  /** The flow's chat settings, with `uploads` and `flowData`. */
  config: Record<string, unknown>;
}

async function fetchPublicFlow(id: string, signedIn: boolean, signal: AbortSignal): Promise<PublicFlow> {
  const path = encodeURIComponent(id);
  // The owner may look at a flow that is not public yet.
  const client = signedIn ? api : publicApi;
  const [flow, config] = await Promise.all([client.request<Chatflow>(`/public-chatflows/${path}`, { signal }), publicApi.request<Record<string, unknown>>(`/public-chatbotConfig/${path}`, { signal })]);
  return { flow, config: config ?? {} };
}

export function PublicChatPage() {
  const { t } = useTranslation("chat");
  const { id } = useParams({ from: "/chatbot/$id" });
  const signedIn = useSession((state) => state.user !== null);
  const found = useQuery({
    queryKey: ["public-chatflow", id, signedIn],
    queryFn: ({ signal }) => fetchPublicFlow(id, signedIn, signal),
    staleTime: Infinity,
    retry: (failures, error) => failures < 2 && isWorthRetrying(error),
  });
  if (found.isPending) return <LoadingPage />;
  if (found.isError) {
    const closed = isApiError(found.error) && [400, 401, 403, 404].includes(found.error.status);
    return (
      <main id="main" tabIndex={-1} className="flex min-h-dvh flex-col items-center justify-center outline-none">
        {closed ? <EmptyState heading="h1" icon={<Lock />} title={t("publicClosed")} body={t("publicClosedBody")} /> : <ErrorState heading="h1" error={found.error} onRetry={() => void found.refetch()} />}
      </main>
    );
  }
  return <PublicChat key={id} {...found.data} />;
}

function PublicChat({ flow, config }: PublicFlow) {
  const { t } = useTranslation("chat");
  const chat = useChat({ access: "public", flowId: flow.id });
  const settings = useMemo(() => {
    const read = readChatConfig(config, config["flowData"] ?? flow.flowData, config["uploads"]);
    // The vector store takes files only from callers with a key.
    return read.uploads.documents?.way === "rag" ? { ...read, uploads: { ...read.uploads, documents: undefined } } : read;
  }, [config, flow.flowData]);
  const theme = useMemo(() => readPublicTheme(config), [config]);
  const title = theme.title ?? flow.name;
  useTitle(title);
  const look = useMemo(() => lookOf(theme), [theme]);
  // What floats over the page, such as a menu, keeps the product's own look.
  useEffect(() => {
    if (theme.fontSize === undefined) return undefined;
    const root = document.documentElement;
    root.style.fontSize = `${(theme.fontSize / 14) * 16}px`;
    return () => void root.style.removeProperty("font-size");
  }, [theme.fontSize]);
  return (
    <div className="public-chat flex h-dvh flex-col bg-surface text-ink" style={look}>
      <header style={{ background: theme.titleBackground, color: readable(theme.titleBackground, theme.titleColor) }} className="flex h-14 shrink-0 items-center gap-2.5 border-b border-line bg-surface px-4">
        {theme.titleAvatar ? <img src={theme.titleAvatar} alt="" className="size-8 rounded-full object-cover" /> : <MessagesSquare aria-hidden className="size-5 text-current" />}
        <h1 className="min-w-0 flex-1 truncate text-lg font-semibold">{title}</h1>
        <Tip text={t("newChat")} side="bottom">
          <Button variant="ghost" size="icon" aria-label={t("newChat")} className="text-current!" disabled={chat.messages.length === 0} onClick={() => chat.open()}>
            <MessageSquarePlus aria-hidden />
          </Button>
        </Tip>
        {!theme.titleBackground && <ThemeMenu />}
      </header>
      <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        <ChatBody chat={chat} config={settings} placeholder={theme.placeholder} showSteps={theme.showSteps} welcome={<Welcome title={title} text={theme.welcome} />} />
      </main>
    </div>
  );
}

function Welcome({ title, text }: { title: string; text: string | undefined }) {
  const { t } = useTranslation("chat");
  if (text) return <Markdown text={text} />;
  return <EmptyState className="m-auto py-8" icon={<MessagesSquare />} title={title} body={t("publicWelcome")} />;
}

/** The owner's colours in place of ours, wherever ours are named; what could not be read on them is mended. */
function lookOf(theme: PublicTheme): CSSProperties {
  const look: Record<string, string | undefined> = {};
  if (theme.background) {
    look["--surface"] = theme.background;
    look["--ink"] = readable(theme.background, theme.answerColor);
    look["--ink-muted"] = look["--ink"];
    look["--ink-faint"] = look["--ink"];
  }
  if (theme.sendColor) {
    look["--primary"] = theme.sendColor;
    look["--primary-hover"] = theme.sendColor;
    look["--on-primary"] = readable(theme.sendColor, undefined);
  }
  look["--question"] = theme.questionBackground;
  look["--question-ink"] = readable(theme.questionBackground, theme.questionColor);
  look["--answer"] = theme.answerBackground;
  look["--answer-ink"] = readable(theme.answerBackground ?? theme.background, theme.answerColor);
  look["--field"] = theme.inputBackground;
  look["--field-ink"] = readable(theme.inputBackground, theme.inputColor);
  return Object.fromEntries(Object.entries(look).filter(([, value]) => value !== undefined)) as CSSProperties;
}
