// What went into a step and what came out: as people read it, or as it is.
import { useTranslation } from "react-i18next";
import type { SourceDocument } from "~/api/types";
import { SourceList } from "~/features/sources";
import { highlight, Markdown } from "~/features/markdown";
import { asArray, asObject, asText, parseJson } from "~/lib/json";
import { CopyButton } from "~/ui/copy-button";
import { type Said, saidBy, saidIn } from "../model/said";

export interface ValueViewProps {
  label: string;
  value: unknown;
  raw: boolean;
}

/** A named value; nothing when there is none. */
export function ValueView({ label, value, raw }: ValueViewProps) {
  const { t } = useTranslation();
  if (value === undefined || value === null || value === "" || (asObject(value) && Object.keys(value).length === 0)) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <section className="min-w-0">
      <div className="flex min-h-7 items-center justify-between gap-2">
        <h4 className="text-sm font-semibold text-ink">{label}</h4>
        <CopyButton text={text} label={`${t("copy")}: ${label}`} size="icon-sm" />
      </div>
      {raw ? <Raw text={text} /> : <Rendered value={value} />}
    </section>
  );
}

function Raw({ text }: { text: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
    <pre tabIndex={0} className="max-h-96 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
      {highlight(text, "json").map(({ kind, text: piece }, index) =>
        // oxlint-disable-next-line react/no-array-index-key -- pieces have no identity but their order
        kind === "plain" ? piece : <span key={index} className={`code-${kind}`}>{piece}</span>,
      )}
    </pre>
  );
}

function Rendered({ value }: { value: unknown }) {
  const { t } = useTranslation("run");
  if (typeof value === "string") {
    const parsed = /^\s*[[{]/.test(value) ? parseJson(value) : undefined;
    if (parsed !== undefined && typeof parsed === "object") return <Raw text={JSON.stringify(parsed, null, 2)} />;
    return (
      <div className="max-h-96 overflow-auto rounded-md border border-line bg-surface p-3">
        <Markdown text={value} />
      </div>
    );
  }
  if (Array.isArray(value)) {
    const documents = documentsIn(value);
    if (documents.length > 0) {
      return (
        <div className="max-h-96 overflow-auto rounded-md border border-line bg-surface p-3">
          <SourceList documents={documents} />
        </div>
      );
    }
    const messages = saidIn(value);
    return messages.length > 0 ? <Messages messages={messages} /> : <Raw text={JSON.stringify(value, null, 2)} />;
  }
  const fields = asObject(value);
  const said = saidBy(value);
  if (said) return <Messages messages={[said]} />;
  const messages = saidIn(fields?.["messages"]);
  const content = asText(fields?.["content"]) ?? asText(fields?.["text"]) ?? asText(fields?.["question"]);
  if (messages.length === 0 && content === undefined) return <Raw text={JSON.stringify(value, null, 2)} />;
  const tools = asArray(fields?.["tools"]).flatMap((tool) => asText(tool) ?? []);
  return (
    <div className="flex flex-col gap-2">
      {messages.length > 0 && <Messages messages={messages} />}
      {tools.length > 0 && (
        <p className="text-xs text-muted [overflow-wrap:anywhere]">
          {t("toolsOffered")} <span className="font-mono text-ink">{tools.join(", ")}</span>
        </p>
      )}
      {content !== undefined && <Rendered value={content} />}
    </div>
  );
}

/** The documents of a list; none when one of its entries is something else. */
function documentsIn(list: readonly unknown[]): (SourceDocument & { score?: number })[] {
  const documents = list.filter((entry): entry is SourceDocument => typeof asObject(entry)?.["pageContent"] === "string");
  return documents.length === list.length ? documents : [];
}

/** The names that vendors and libraries have for those who speak. */
const ROLES = { system: "role.system", developer: "role.system", user: "role.user", human: "role.user", assistant: "role.assistant", ai: "role.assistant", tool: "role.tool", function: "role.tool" } as const;

function Messages({ messages }: { messages: readonly Said[] }) {
  const { t } = useTranslation("run");
  const name = (role: string) => (role in ROLES ? t(ROLES[role as keyof typeof ROLES]) : role);
  return (
    <ol className="flex flex-col gap-2">
      {messages.map(({ role, text, thought, pictures, calls }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- messages have no identity but their order
        <li key={index} className="min-w-0 overflow-hidden rounded-md border border-line bg-surface">
          <p className="flex justify-between gap-2 border-b border-line bg-sunken px-3 py-1 text-xs font-medium text-muted">
            {name(role)}
            {pictures > 0 && <span className="font-normal">{t("pictures", { count: pictures })}</span>}
          </p>
          {thought && <p className="max-h-72 overflow-auto px-3 py-2 text-sm whitespace-pre-wrap text-muted italic [overflow-wrap:anywhere]">{thought}</p>}
          {text && (
            <div className="max-h-72 overflow-auto px-3 py-2">
              <Markdown text={text} />
            </div>
          )}
          {calls.map((call, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- calls have no identity but their order
            <div key={at} className="flex min-w-0 flex-col gap-1.5 px-3 py-2">
              <p className="text-xs text-muted">
                {t("callsTool")} <span className="font-mono text-ink">{call.name}</span>
              </p>
              {call.given && <Raw text={call.given} />}
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}
