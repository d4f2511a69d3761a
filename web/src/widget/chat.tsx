/** @jsxImportSource preact */
// The chat of the widget: title, conversation, forms, composer, footer.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { UploadRules } from "~/features/chat/model/config";
import { Composer } from "./composer";
import { DecisionCard, LeadCard, StartCard } from "./forms";
import { Icon } from "./icons";
import { Markdown } from "./markdown-view";
import { Message } from "./message";
import type { BotProps } from "./props";
import { say } from "./texts";
import { useBot } from "./use-bot";

export interface ChatProps {
  props: BotProps;
  elementId: string | undefined;
  /** Closes the window; missing on a page of its own. */
  onClose?: () => void;
}

export function Chat({ props, elementId, onClose }: ChatProps) {
  const bot = useBot(props, elementId);
  const theme = props.theme?.chatWindow ?? {};
  const host = (props.apiHost ?? new URL(import.meta.url).origin).replace(/\/+$/, "");
  const [refilling, setRefilling] = useState(false);
  const { messages, config } = bot;
  const log = useFollowing(messages.length, messages.at(-1));
  const title = theme.title ?? say("title");
  const empty = messages.length === 0;
  const leadAsked = config?.leads !== undefined && !bot.leadGiven && empty;
  const formOpen = config?.form !== undefined && !bot.running && !bot.action && (empty || refilling) && !leadAsked;
  const last = messages.at(-1);
  const prompts = empty ? (theme.starterPrompts ?? config?.starterPrompts ?? []) : last?.role === "answer" && last.state === "done" ? last.followUps : [];
  return (
    <>
      {theme.showTitle !== false && (
        <header class="head">
          {theme.titleAvatarSrc && <img src={theme.titleAvatarSrc} alt="" />}
          <h2>{title}</h2>
          <button type="button" class="icon" aria-label={say("clear")} title={say("clear")} disabled={empty} onClick={bot.clear}>
            <Icon name="clear" />
          </button>
          {onClose && (
            <button type="button" class="icon" aria-label={say("close")} title={say("close")} onClick={onClose}>
              <Icon name="close" />
            </button>
          )}
        </header>
      )}
      {theme.headerHtml && <OwnersHtml html={theme.headerHtml} />}
      <div class="log" ref={log} tabIndex={0} role="log" aria-live="off" aria-label={say("log")}>
        <div class="list">
          <div class="row theirs">
            {theme.botMessage?.showAvatar && theme.botMessage.avatarSrc && <img class="avatar" src={theme.botMessage.avatarSrc} alt="" />}
            <div class="said">
              <div class="text">
                <Markdown text={bot.welcome} html host={host} />
              </div>
            </div>
          </div>
          {bot.configError && empty && (
            <div class="fail" role="alert">
              {bot.configError}
            </div>
          )}
          {messages.map((message, index) => (
            <Message key={message.id} message={message} bot={bot} theme={theme} host={host} questionId={index === messages.length - 1 && message.role === "answer" ? messages[index - 1]?.id : undefined} />
          ))}
          {leadAsked && config?.leads && <LeadCard form={config.leads} bot={bot} />}
          {config?.leads && bot.leadGiven && empty && (
            <p role="status" class="when">
              {config.leads.success || say("leadThanks")}
            </p>
          )}
          {formOpen && config?.form && <StartCard key={messages.length} form={config.form} bot={bot} onSent={() => setRefilling(false)} />}
          {bot.action && <DecisionCard key={bot.action.id} action={bot.action} bot={bot} />}
        </div>
      </div>
      <Announcer text={last?.role === "answer" && last.fresh ? (bot.running ? say("answering") : last.state === "failed" ? `${say("failed")} ${last.failure?.message ?? ""}` : `${say("answer")}: ${last.text}`) : ""} />
      {prompts.length > 0 && !leadAsked && !formOpen && (
        <ul class="prompts" aria-label={say("suggestions")}>
          {prompts.map((prompt) => (
            <li key={prompt}>
              <button type="button" onClick={() => void bot.send(prompt)}>
                {prompt}
              </button>
            </li>
          ))}
        </ul>
      )}
      {config?.form ? (
        !formOpen && (
          <div class="foot">
            <button type="button" class="main" onClick={bot.running ? bot.stop : () => setRefilling(true)}>
              {say(bot.running ? "stop" : "again")}
            </button>
          </div>
        )
      ) : (
        !leadAsked && <Composer bot={bot} props={props} rules={config && withoutStore(config.uploads, props)} />
      )}
      <Credit props={props} />
    </>
  );
}

/** The vector store takes files only from callers with a key, which a page may add to each request. */
function withoutStore(rules: UploadRules, { onRequest }: BotProps): UploadRules {
  return rules.documents?.way === "rag" && !onRequest ? { ...rules, documents: undefined } : rules;
}

/** Said once when an answer begins and once when it is there, not with every word. */
function Announcer({ text }: { text: string }) {
  return (
    <div class="sr" aria-live="polite">
      {text}
    </div>
  );
}

function Credit({ props }: { props: BotProps }) {
  const footer = props.theme?.chatWindow?.footer;
  if (!footer || footer.showFooter === false || (!footer.text && !footer.company)) return null;
  const link = /^https?:\/\//.test(footer.companyLink ?? "") ? footer.companyLink : undefined;
  return (
    <div class="foot">
      <p class="credit">
        {footer.text}{" "}
        {link ? (
          <a href={link} target="_blank" rel="noopener noreferrer">
            {footer.company}
          </a>
        ) : (
          footer.company
        )}
      </p>
    </div>
  );
}

/** HTML that the page's own script gave us: it is as trusted as that script. */
export function OwnersHtml({ html }: { html: string }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (place.current) place.current.innerHTML = html;
  }, [html]);
  return <div ref={place} />;
}

/** Keeps the end in view while the reader is there; a new question always goes there. */
function useFollowing(count: number, last: unknown) {
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const onScroll = () => {
      following.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, []);
  useLayoutEffect(() => {
    following.current = true;
  }, [count]);
  useLayoutEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [count, last]);
  return box;
}
