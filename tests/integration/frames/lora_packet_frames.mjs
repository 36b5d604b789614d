// Frames made by npm's lora-packet from fields drawn by a seeded generator: a line of JSON each, with what `lenne frame` is
// given and what it must answer. Usage: node lora_packet_frames.mjs SEED
import packets from 'lora-packet';

const random = (() => {
  // mulberry32
  let state = Number(process.argv[2] ?? 1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
})();
const below = (limit) => random() % limit;
const bytes = (size) => Buffer.from(Array.from({ length: size }, () => below(256)));
const chance = () => below(2) === 1;
const reversed = (buffer) => Buffer.from(buffer).reverse();
const word = (number) => Buffer.from([number >> 8, number & 0xff]);
const hex = (buffer) => buffer.toString('hex');

function put(name, frame, version, keys, more, expect) {
  const named = Object.entries(keys).flatMap(([key, value]) => ['--key', `${key}=${hex(value)}`]);
  const options = Object.entries(more).flatMap(([option, value]) => [`--${option}`, String(value)]);
  console.log(JSON.stringify({ name, hex: hex(frame), arguments: ['--version', version, ...named, ...options], expect }));
}

const TYPES = { 2: 'unconfirmed_up', 3: 'unconfirmed_down', 4: 'confirmed_up', 5: 'confirmed_down' };

function dataFrame(version, type, index) {
  const up = type % 2 === 0;
  const port = [null, 0, 1, 2 + below(222), 224][index % 5];
  // MAC commands are either in FOpts or in the payload of FPort 0.
  const fOpts = port === 0 || index % 3 === 0 ? Buffer.alloc(0) : bytes(1 + below(15));
  const payload = port === null ? Buffer.alloc(0) : bytes([0, 1, 15, 16, 17, 33, 51, 115, 222][index % 9]);
  const fCnt = index % 2 ? (random() | 0x10000) >>> 0 : below(65536);
  const flags = { ADR: chance(), ADRACKReq: up && chance(), ACK: chance(), FPending: chance() };
  const devAddr = bytes(4);
  const keys = version === '1.0' ? { nwk_s_key: bytes(16), app_s_key: bytes(16) }
    : { f_nwk_s_int_key: bytes(16), s_nwk_s_int_key: bytes(16), nwk_s_enc_key: bytes(16), app_s_key: bytes(16) };
  const upper = Buffer.from([(fCnt >>> 16) & 0xff, fCnt >>> 24]);
  const confFCnt = flags.ACK ? below(65536) : 0;
  const [txDr, txCh] = up && version === '1.1' ? [below(8), below(16)] : [0, 0];

  const frame = packets.fromFields({ MType: type, DevAddr: devAddr, FCnt: word(fCnt & 0xffff), FCtrl: flags, FOpts: fOpts, FPort: port ?? undefined, payload });
  const encryption = port === 0 ? (keys.nwk_s_key ?? keys.nwk_s_enc_key) : keys.app_s_key;
  if (payload.length > 0) {
    frame.FRMPayload = packets.decrypt(frame, encryption, encryption, upper); // its own inverse
    frame._mergeGroupFields();
  }
  const more = { 'f-cnt': fCnt };
  if (version === '1.0') {
    packets.recalculateMIC(frame, keys.nwk_s_key, undefined, upper);
  } else {
    if (fOpts.length > 0) frame.encryptFOpts(keys.nwk_s_enc_key, undefined, upper);
    // For uplinks the library takes ConfFCnt with its upper byte first and turns it round, for downlinks as it is on air.
    const conf = up ? Buffer.from([confFCnt >> 8, confFCnt & 0xff, txDr, txCh]) : Buffer.from([confFCnt & 0xff, confFCnt >> 8]);
    packets.recalculateMIC(frame, keys.f_nwk_s_int_key, keys.s_nwk_s_int_key, upper, conf);
    Object.assign(more, { 'conf-f-cnt': confFCnt }, up ? { 'tx-dr': txDr, 'tx-ch': txCh } : {});
  }
  put(`${version} ${TYPES[type]} ${index}`, frame.getPHYPayload(), version, keys, more, {
    type: TYPES[type], dev_addr: hex(devAddr), f_cnt: fCnt, adr: flags.ADR, adr_ack_req: flags.ADRACKReq, ack: flags.ACK,
    f_pending: !up && flags.FPending, class_b: up && flags.FPending, f_opts: hex(fOpts), f_port: port, payload: port === null ? null : hex(payload), mic_valid: true,
  });
}

const JOIN_FIELDS = { join_eui: null, dev_eui: null, dev_nonce: null, join_nonce: null, net_id: null, dev_addr: null, dl_settings: null, rx_delay: null, cf_list: null, rj_count: null };

function joinRequest(version) {
  const [joinEui, devEui, devNonce, key] = [bytes(8), bytes(8), bytes(2), bytes(16)];
  const frame = packets.fromFields({ MType: 0, AppEUI: joinEui, DevEUI: devEui, DevNonce: devNonce }, undefined, undefined, key);
  put(`${version} join_request`, frame.getPHYPayload(), version, { [version === '1.0' ? 'app_key' : 'nwk_key']: key }, {}, {
    type: 'join_request', ...JOIN_FIELDS, join_eui: hex(joinEui), dev_eui: hex(devEui), dev_nonce: devNonce.readUInt16BE(), mic_valid: true,
  });
}

function joinAccept(version, index) {
  const [joinNonce, netId, devAddr, joinEui, devNonce] = [bytes(3), bytes(3), bytes(4), bytes(8), bytes(2)];
  const [appKey, nwkKey, jsInt, jsEnc] = [bytes(16), bytes(16), bytes(16), bytes(16)];
  const optNeg = version === '1.1' && index % 2 === 1;
  const dlSettings = (optNeg ? 0x80 : 0) | below(0x80);
  const rxDelay = below(16);
  const cfList = index % 3 === 0 ? Buffer.alloc(0) : bytes(16);
  const reqType = optNeg ? [0xff, 0, 1, 2][index % 4 === 1 ? 0 : index % 3] : 0xff;
  const fields = { MType: 1, AppNonce: joinNonce, NetID: netId, DevAddr: devAddr, DLSettings: Buffer.from([dlSettings]), RxDelay: Buffer.from([rxDelay]), CFList: cfList,
    AppEUI: joinEui, DevNonce: devNonce, JoinReqType: Buffer.from([reqType]) };
  const frame = packets.fromFields(fields);
  frame.JoinEUI = joinEui;
  const root = version === '1.0' ? appKey : nwkKey;
  packets.recalculateMIC(frame, jsInt, root);
  const wire = Buffer.concat([Buffer.from([0x20]), packets.decryptJoin(frame, reqType === 0xff ? root : jsEnc)]);

  const keys = version === '1.0' ? { app_key: appKey } : { app_key: appKey, nwk_key: nwkKey, js_int_key: jsInt, js_enc_key: jsEnc };
  let session;
  if (optNeg) {
    const made = packets.generateSessionKeys11(appKey, nwkKey, joinEui, joinNonce, devNonce);
    session = { app_s_key: hex(made.AppSKey), nwk_s_key: null, f_nwk_s_int_key: hex(made.FNwkSIntKey), s_nwk_s_int_key: hex(made.SNwkSIntKey), nwk_s_enc_key: hex(made.NwkSEncKey) };
  } else {
    const made = packets.generateSessionKeys10(root, netId, joinNonce, devNonce);
    const network = hex(made.NwkSKey);
    session = { app_s_key: hex(made.AppSKey), nwk_s_key: network, f_nwk_s_int_key: network, s_nwk_s_int_key: network, nwk_s_enc_key: network };
  }
  const more = { 'dev-nonce': devNonce.readUInt16BE(), ...(version === '1.1' ? { 'join-eui': hex(joinEui), 'join-req-type': reqType } : {}) };
  put(`${version} join_accept ${index}`, wire, version, keys, more, {
    type: 'join_accept', ...JOIN_FIELDS, join_nonce: joinNonce.readUIntBE(0, 3), net_id: hex(netId), dev_addr: hex(devAddr), dl_settings: dlSettings, rx_delay: rxDelay,
    cf_list: cfList.length ? hex(cfList) : null, ...session, mic_valid: true,
  });
}

function rejoinRequest(type) {
  const [netId, joinEui, devEui, count, key] = [bytes(3), bytes(8), bytes(8), bytes(2), bytes(16)];
  const identity = type === 1 ? joinEui : netId;
  const wire = Buffer.concat([Buffer.from([0xc0, type]), reversed(identity), reversed(devEui), reversed(count), Buffer.alloc(4)]);
  const frame = packets.fromWire(wire);
  if (type === 1) frame.AppEUI = joinEui; // asked for by the library's MIC
  packets.recalculateMIC(frame, type === 1 ? undefined : key, type === 1 ? key : undefined);
  put(`1.1 rejoin_request_${type}`, frame.getPHYPayload(), '1.1', { [type === 1 ? 'js_int_key' : 's_nwk_s_int_key']: key }, {}, {
    type: `rejoin_request_${type}`, ...JOIN_FIELDS, ...(type === 1 ? { join_eui: hex(joinEui) } : { net_id: hex(netId) }), dev_eui: hex(devEui), rj_count: count.readUInt16BE(), mic_valid: true,
  });
}

for (const version of ['1.0', '1.1']) {
  for (const type of [2, 3, 4, 5]) for (let index = 0; index < 30; index += 1) dataFrame(version, type, index);
  for (let index = 0; index < 12; index += 1) joinRequest(version);
  for (let index = 0; index < 24; index += 1) joinAccept(version, index);
}
for (let index = 0; index < 12; index += 1) for (const type of [0, 1, 2]) rejoinRequest(type);
