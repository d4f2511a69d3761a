// What went into a step and what came out: as people read it, or as it is.
import { useTranslation } from "react-i18next";
import { highlight, Markdown } from "~/features/markdown";
import { asArray, asObject, asText, parseJson } from "~/lib/json";
import { CopyButton } from "~/ui/copy-button";

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
  if (typeof value === "string") {
    const parsed = /^\s*[[{]/.test(value) ? parseJson(value) : undefined;
    if (parsed !== undefined && typeof parsed === "object") return <Raw text={JSON.stringify(parsed, null, 2)} />;
    return (
      <div className="max-h-96 overflow-auto rounded-md border border-line bg-surface p-3">
        <Markdown text={value} />
      </div>
    );
  }
  const messages = Array.isArray(value) ? messagesOf(value) : asObject(value)?.["role"] ? messagesOf([value]) : [];
  if (messages.length > 0) return <Messages messages={messages} />;
  const fields = asObject(value);
  const content = asText(fields?.["content"]) ?? asText(fields?.["text"]) ?? asText(fields?.["question"]);
  if (fields && content !== undefined) {
    const inner = messagesOf(fields["messages"]);
    return (
      <div className="flex flex-col gap-2">
        {inner.length > 0 && <Messages messages={inner} />}
        <Rendered value={content} />
      </div>
    );
  }
  const inner = messagesOf(fields?.["messages"]);
  if (inner.length > 0) return <Messages messages={inner} />;
  return <Raw text={JSON.stringify(value, null, 2)} />;
}

interface Said {
  role: string;
  content: string;
  calls: string[];
}

/** A list of messages, in the shapes that models and memories use; empty when it is something else. */
function messagesOf(value: unknown): Said[] {
  const list = asArray(value);
  const messages = list.flatMap((entry): Said[] => {
    const fields = asObject(entry);
    const role = asText(fields?.["role"]) ?? asText(fields?.["type"]);
    if (!fields || !role || !("content" in fields)) return [];
    const content = typeof fields["content"] === "string" ? fields["content"] : JSON.stringify(fields["content"], null, 2);
    const calls = asArray(fields["tool_calls"]).flatMap((call) => asText(asObject(call)?.["name"]) ?? asText(asObject(asObject(call)?.["function"])?.["name"]) ?? []);
    return [{ role, content, calls }];
  });
  return messages.length === list.length ? messages : [];
}

function Messages({ messages }: { messages: Said[] }) {
  return (
    <ol className="flex flex-col gap-2">
      {messages.map(({ role, content, calls }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- messages have no identity but their order
        <li key={index} className="min-w-0 rounded-md border border-line bg-surface">
          <p className="flex flex-wrap gap-2 border-b border-line bg-sunken px-3 py-1 text-xs font-medium text-muted">
            {role}
            {calls.map((call, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- calls have no identity but their order
              <span key={at} className="font-mono text-ink">
                → {call}
              </span>
            ))}
          </p>
          {content && (
            <div className="max-h-72 overflow-auto px-3 py-2">
              <Markdown text={content} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
