// The chat: header, conversation, composer.
import { useMutation } from "@tanstack/react-query";
import { Ellipsis, MessageSquarePlus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteChat } from "~/api/queries";
import { Button } from "~/ui/button";
import { ConfirmDialog } from "~/ui/dialog";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "~/ui/menu";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Tip } from "~/ui/tooltip";
import { starterPrompts } from "../model/starter-prompts";
import { useChat } from "../model/use-chat";
import { Composer } from "./composer";
import { Conversation } from "./conversation";
import { Announcer } from "./announcer";

export interface ChatPanelProps {
  flowId: string;
  /** The flow's `chatbotConfig`, JSON text. */
  chatbotConfig: string | null | undefined;
}

/** Give it a `key` of the flow's id: a chat belongs to one flow. */
export function ChatPanel({ flowId, chatbotConfig }: ChatPanelProps) {
  const { t } = useTranslation("chat");
  const chat = useChat(flowId);
  const prompts = chat.messages.length === 0 && !chat.history.isLoading ? starterPrompts(chatbotConfig) : [];
  return (
    <section aria-label={t("title")} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex h-12 shrink-0 items-center justify-between border-b border-line ps-4 pe-2">
        <h2 className="text-base font-semibold">{t("title")}</h2>
        <div className="flex items-center gap-0.5">
          <Tip text={t("newChat")} side="bottom">
            <Button variant="ghost" size="icon" aria-label={t("newChat")} disabled={chat.messages.length === 0} onClick={chat.startAnew}>
              <MessageSquarePlus aria-hidden />
            </Button>
          </Tip>
          <ChatMenu flowId={flowId} chatId={chat.chatId} disabled={chat.messages.length === 0 || chat.running} onDeleted={chat.startAnew} />
        </div>
      </header>
      <Conversation messages={chat.messages} history={chat.history} onRetry={chat.retry} />
      <Announcer messages={chat.messages} />
      <Composer running={chat.running} prompts={prompts} draft={chat.draft} onDraft={chat.keepDraft} onSend={(text) => void chat.send(text)} onStop={chat.stop} />
    </section>
  );
}

function ChatMenu({ flowId, chatId, disabled, onDeleted }: { flowId: string; chatId: string; disabled: boolean; onDeleted: () => void }) {
  const { t } = useTranslation("chat");
  const errorText = useErrorText();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteChat(flowId, chatId),
    onSuccess: () => {
      setAsking(false);
      onDeleted();
      toast.success(t("deleted"));
    },
    onError: (error) => toast.error(t("deleteFailed", { reason: errorText(error) })),
  });
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label={t("menu")} disabled={disabled}>
            <Ellipsis aria-hidden />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuItem danger onSelect={() => setAsking(true)}>
            <Trash2 aria-hidden />
            {t("delete")}
          </MenuItem>
        </MenuContent>
      </Menu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("deleteTitle")}
        description={t("deleteBody")}
        confirm={t("delete")}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
