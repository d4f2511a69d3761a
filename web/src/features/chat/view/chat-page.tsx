// `/chat/:id`: the chat with one flow on a page of its own, its conversations beside it.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, FileX2, History } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { chatflowQuery } from "~/api/queries";
import type { Chatflow } from "~/api/types";
import { ThemeMenu, UserMenu } from "~/app/header-menus";
import { LoadingPage } from "~/app/layouts/root";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Sheet } from "~/ui/dialog";
import { EmptyState, ErrorState } from "~/ui/states";
import { Tip } from "~/ui/tooltip";
import { useChat } from "../model/use-chat";
import { ChatBody } from "./chat-body";
import { useFreshSessions, useOwnConfig } from "./chat-panel";
import { SessionList } from "./session-list";

export function ChatPage() {
  const { t } = useTranslation("chat");
  const { id } = useParams({ from: "/signed-in/chat/$id" });
  const flow = useQuery(chatflowQuery(id));
  useTitle(flow.data?.name);
  if (flow.isPending) return <LoadingPage />;
  if (flow.isError) {
    const isGone = isApiError(flow.error) && (flow.error.status === 404 || flow.error.status === 400);
    return (
      <main id="main" tabIndex={-1} className="flex flex-1 flex-col items-center justify-center outline-none">
        {isGone ? <EmptyState heading="h1" icon={<FileX2 />} title={t("flowGone")} body={t("flowGoneBody")} /> : <ErrorState heading="h1" error={flow.error} onRetry={() => void flow.refetch()} />}
      </main>
    );
  }
  return <OwnChat key={id} flow={flow.data} />;
}

function OwnChat({ flow }: { flow: Chatflow }) {
  const { t } = useTranslation("chat");
  const config = useOwnConfig({ flowId: flow.id, chatbotConfig: flow.chatbotConfig, flowData: flow.flowData });
  const chat = useChat({ access: "internal", flowId: flow.id });
  const [listOpen, setListOpen] = useState(false);
  useFreshSessions(chat);
  return (
    <>
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 sm:px-3">
        <Tip text={t("toFlow")} side="bottom">
          <Button asChild variant="ghost" size="icon" aria-label={t("toFlow")}>
            <Link to="/canvas/$id" params={{ id: flow.id }}>
              <ArrowLeft aria-hidden className="rtl:rotate-180" />
            </Link>
          </Button>
        </Tip>
        <h1 className="min-w-0 truncate text-base font-semibold">{flow.name}</h1>
        <div className="ms-auto flex shrink-0 items-center gap-1">
          <Button variant="ghost" size="icon" aria-label={t("sessions")} className="md:hidden" onClick={() => setListOpen(true)}>
            <History aria-hidden />
          </Button>
          <ThemeMenu />
          <UserMenu />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 outline-none">
        <aside aria-label={t("sessions")} className="hidden w-72 shrink-0 border-e border-line bg-sunken md:block">
          <SessionList chat={chat} />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col bg-surface">
          <ChatBody chat={chat} config={config} />
        </div>
      </main>
      <Sheet open={listOpen} onOpenChange={setListOpen} title={t("sessions")}>
        <SessionList chat={chat} onChosen={() => setListOpen(false)} />
      </Sheet>
    </>
  );
}
