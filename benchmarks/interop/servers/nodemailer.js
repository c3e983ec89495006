// A submission server made of nodemailer's smtp-server: each message becomes a file of the folder "taken", its envelope
// as JSON in the first line. The only argument is a file of settings, see nodemailer.py.
const fs = require("node:fs");
const path = require("node:path");

const settings = JSON.parse(fs.readFileSync(process.argv[2]));
const { SMTPServer } = require(settings.library);

let count = 0;

function refusal(code, text) {
  return Object.assign(new Error(text), { responseCode: code });
}

const server = new SMTPServer({
  name: "smtp-server.test",
  key: fs.readFileSync(settings.key),
  cert: fs.readFileSync(settings.chain),
  authMethods: ["PLAIN", "LOGIN"],
  ...(settings.connections ? { maxClients: settings.connections } : {}),
  onAuth({ username, password }, session, answer) {
    const known = username === settings.username && password === settings.password;
    answer(known ? null : new Error("Invalid username or password"), known ? { user: username } : undefined);
  },
  onMailFrom({ address }, session, answer) {
    const owned = address === settings.sender || address.endsWith(`@${settings.domain}`);
    answer(owned ? null : refusal(550, `Sender address ${address} is not owned by ${session.user}`));
  },
  onRcptTo({ address }, session, answer) {
    answer(address === settings.full ? refusal(452, "The mailbox is full") : null);
  },
  onData(stream, session, answer) {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      const { mailFrom, rcptTo } = session.envelope;
      const envelope = { sender: mailFrom.address, recipients: rcptTo.map(({ address }) => address) };
      const name = path.join(settings.taken, String(++count).padStart(8, "0") + "-" + process.pid);
      fs.writeFileSync(`${name}.part`, Buffer.concat([Buffer.from(JSON.stringify(envelope) + "\n"), ...parts]));
      fs.renameSync(`${name}.part`, `${name}.eml`);
      answer(null);
    });
  },
});

server.on("error", (error) => console.error(error.message));
process.on("SIGTERM", () => process.exit(0));
server.listen(settings.port, "127.0.0.1");
