/** @jsxImportSource preact */
// One question, one answer, as the widget shows them.
import type { ComponentChildren } from "preact";
import { memo } from "preact/compat";
import { useState } from "preact/hooks";
import { type Answer, isOpen, type Rating } from "~/features/chat/model/answer";
import type { ChatMessage, Question } from "~/features/chat/model/messages";
import { asText } from "~/lib/json";
import { Icon } from "./icons";
import { CopyButton, Markdown } from "./markdown-view";
import { Picture } from "./picture";
import type { ChatWindowTheme } from "./props";
import { say } from "./texts";
import type { Bot } from "./use-bot";

export interface MessageProps {
  message: ChatMessage;
  bot: Bot;
  theme: ChatWindowTheme;
  host: string;
  /** The question before the last answer: it may be asked again. */
  questionId: string | undefined;
}

/** Drawn again only when it changes: the words of a growing answer must not redraw those above. */
export const Message = memo(
  function MessageRow(props: MessageProps) {
    return props.message.role === "question" ? <Asked question={props.message} {...props} /> : <Answered answer={props.message} {...props} />;
  },
  (before, after) => before.message === after.message && before.questionId === after.questionId && before.theme === after.theme && before.bot.chatId === after.bot.chatId && before.bot.config === after.bot.config,
);

function Row({ mine, theme, children }: { mine: boolean; theme: ChatWindowTheme; children: ComponentChildren }) {
  const look = mine ? theme.userMessage : theme.botMessage;
  const avatar = look?.showAvatar && look.avatarSrc ? <img class="avatar" src={look.avatarSrc} alt="" /> : null;
  return (
    <div class={`row ${mine ? "mine" : "theirs"}`}>
      {!mine && avatar}
      <div class="said" role="group" aria-label={say(mine ? "you" : "answer")}>
        {children}
      </div>
      {mine && avatar}
    </div>
  );
}

function Asked({ question, bot, theme }: MessageProps & { question: Question }) {
  const text = question.form
    ? Object.entries(question.form)
        .map(([name, value]) => `${name}: ${String(value)}`)
        .join("\n")
    : question.text;
  return (
    <Row mine theme={theme}>
      {question.files.map((file, index) =>
        file.preview && file.mime.startsWith("image/") ? (
          <img key={index} src={file.preview} alt={file.name} />
        ) : (
          <span key={index} class="text">
            {file.name}
          </span>
        ),
      )}
      {text && <div class="text">{text}</div>}
      <When id={question.id} bot={bot} theme={theme} />
    </Row>
  );
}

function When({ id, bot, theme }: { id: string; bot: Bot; theme: ChatWindowTheme }) {
  const time = bot.times.get(id);
  const { date, time: clock } = theme.dateTimeToggle ?? {};
  if (!time || (!date && !clock)) return null;
  return (
    <time class="when" dateTime={time.toISOString()}>
      {new Intl.DateTimeFormat(undefined, { ...(date ? { dateStyle: "medium" } : {}), ...(clock ? { timeStyle: "short" } : {}) }).format(time)}
    </time>
  );
}

function Answered({ answer, bot, theme, host, questionId }: MessageProps & { answer: Answer }) {
  const open = isOpen(answer);
  const showAgents = theme.showAgentMessages !== false;
  return (
    <Row mine={false} theme={theme}>
      {answer.thinking && <Fold title={say("thought")}>{answer.thinking}</Fold>}
      {showAgents && answer.steps.length > 0 && (
        <Fold title={`${say("steps")} (${answer.steps.length})`}>
          <ol>
            {answer.steps.map((step, index) => (
              <li key={index}>
                {step.status === "FINISHED" ? "✓ " : step.status === "ERROR" ? "✗ " : "… "}
                {step.label}
                {step.error && `: ${step.error}`}
              </li>
            ))}
          </ol>
        </Fold>
      )}
      {showAgents && answer.reasoning.length > 0 && (
        <Fold title={`${say("agents")}: ${[...new Set(answer.reasoning.map((turn) => turn.agent))].join(", ")}`}>
          {answer.reasoning.map((turn, index) => (
            <div key={index}>
              <strong>{turn.agent}</strong>
              <Markdown text={turn.messages.join("\n\n") || turn.instructions || ""} host={host} />
            </div>
          ))}
        </Fold>
      )}
      {showAgents && answer.usedTools.length > 0 && (
        <Fold title={`${say("tools")}: ${[...new Set(answer.usedTools.map((tool) => tool.tool))].join(", ")}`}>
          <pre>{JSON.stringify(answer.usedTools, null, 2)}</pre>
        </Fold>
      )}
      {answer.text ? (
        <div class="text">
          <Markdown text={answer.text} html={theme.renderHTML} host={host} />
        </div>
      ) : (
        open && <Waiting answer={answer} />
      )}
      {answer.state === "done" && !answer.text && answer.artifacts.length === 0 && <div class="text">{say("empty")}</div>}
      {answer.callingTools.length > 0 && answer.text && <Waiting answer={answer} />}
      {answer.artifacts.map(({ type, data }, index) => (
        <Made key={index} type={type} data={data} bot={bot} host={host} />
      ))}
      {answer.fileAnnotations.map(({ fileName, filePath }) => (
        <a key={filePath} class="file" href={`${bot.client.fileUrl(bot.chatId, filePath.replace("FILE-STORAGE::", ""))}&download=true`} download={fileName}>
          <Icon name="save" size={14} />
          {fileName}
        </a>
      ))}
      {answer.state === "failed" && (
        <div class="fail" role="alert">
          <strong>{say("failed")}</strong>
          <div>{answer.failure?.message}</div>
          {questionId && (
            <button type="button" onClick={() => bot.askAgain(questionId)}>
              <Icon name="retry" size={16} />
              {say("retry")}
            </button>
          )}
        </div>
      )}
      {answer.state === "stopped" && <span class="when">{say("stopped")}</span>}
      {answer.sourceDocuments.length > 0 && (
        <Fold title={`${theme.sourceDocsTitle ?? say("sources")} (${answer.sourceDocuments.length})`}>
          <ol>
            {answer.sourceDocuments.map((document, index) => (
              <li key={index}>
                <strong>{asText(document.metadata?.["source"])}</strong>
                <div>{document.pageContent.slice(0, 600)}</div>
              </li>
            ))}
          </ol>
        </Fold>
      )}
      <When id={answer.id} bot={bot} theme={theme} />
      {!open && answer.text && (
        <div class="bar">
          <CopyButton text={answer.text} />
          {bot.config?.feedback && answer.messageId && <Thumbs answer={answer} messageId={answer.messageId} bot={bot} />}
        </div>
      )}
    </Row>
  );
}

function Waiting({ answer }: { answer: Answer }) {
  const calling = answer.callingTools.map((tool) => tool.tool).join(", ");
  return (
    <div class="text">
      {calling ? say("calling", { names: calling }) : <span class="sr">{say("thinking")}</span>}{" "}
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
    </div>
  );
}

function Fold({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details>
      <summary>
        <Icon name="next" size={14} />
        {title}
      </summary>
      <div class="inside" tabIndex={0}>
        {children}
      </div>
    </details>
  );
}

function Made({ type, data, bot, host }: { type: string; data: string; bot: Bot; host: string }) {
  if (["png", "jpeg", "jpg", "gif", "webp"].includes(type)) {
    const stored = data.startsWith("FILE-STORAGE::");
    return stored ? <img src={bot.client.fileUrl(bot.chatId, data.slice(14))} alt={say("image")} /> : <Picture src={data} alt={say("image")} host={host} />;
  }
  return <Markdown text={type === "markdown" ? data : `\`\`\`${type}\n${data}\n\`\`\``} host={host} />;
}

function Thumbs({ answer, messageId, bot }: { answer: Answer; messageId: string; bot: Bot }) {
  const [asking, setAsking] = useState(false);
  const [thanked, setThanked] = useState(false);
  const [text, setText] = useState("");
  const given = answer.feedback;
  const send = (rating: Rating, content: string) => void bot.rate(answer.id, messageId, { id: given?.id, rating, content }).catch(() => undefined);
  const choose = (rating: Rating) => {
    send(rating, "");
    setThanked(false);
    setAsking(true);
  };
  return (
    <>
      <button type="button" class="icon thumb" aria-label={say("good")} title={say("good")} aria-pressed={given?.rating === "THUMBS_UP"} onClick={() => choose("THUMBS_UP")}>
        <Icon name="up" size={16} />
      </button>
      <button type="button" class="icon thumb" aria-label={say("bad")} title={say("bad")} aria-pressed={given?.rating === "THUMBS_DOWN"} onClick={() => choose("THUMBS_DOWN")}>
        <Icon name="thumbDown" size={16} />
      </button>
      {thanked && (
        <span class="when" role="status">
          {say("thanks")}
        </span>
      )}
      {asking && given && (
        <form
          class="card"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) send(given.rating, text.trim());
            setAsking(false);
            setThanked(true);
          }}
        >
          <label>
            {say("why")}
            <textarea rows={2} value={text} maxLength={2000} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <button type="submit" class="main">
            {say("send")}
          </button>
        </form>
      )}
    </>
  );
}
