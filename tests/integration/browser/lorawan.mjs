// A LoRaWAN 1.0.x ABP sensor and a gateway's packet forwarder (Semtech UDP, version 2), written for this test alone: it
// shares no code with the program under test.
import { createCipheriv, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

function aes(key, block) {
  const cipher = createCipheriv('aes-128-ecb', key, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

function double(block) {
  const result = Buffer.alloc(16);
  for (let i = 0; i < 16; i += 1) result[i] = ((block[i] << 1) | (i < 15 ? block[i + 1] >> 7 : 0)) & 0xff;
  if (block[0] & 0x80) result[15] ^= 0x87;
  return result;
}

function xor(a, b) {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]));
}

// AES-CMAC (RFC 4493).
export function cmac(key, message) {
  const k1 = double(aes(key, Buffer.alloc(16)));
  const whole = message.length > 0 && message.length % 16 === 0;
  const padded = whole
    ? Buffer.from(message)
    : Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc(15 - (message.length % 16))]);
  const last = padded.length - 16;
  const tail = xor(padded.subarray(last), whole ? k1 : double(k1));
  let state = Buffer.alloc(16);
  for (let at = 0; at < last; at += 16) state = aes(key, xor(state, padded.subarray(at, at + 16)));
  return aes(key, xor(state, tail));
}

function addressBytes(devAddr) {
  return Buffer.from(devAddr, 'hex').reverse();
}

function block(first, devAddr, fCnt, last) {
  const result = Buffer.alloc(16);
  result[0] = first;
  addressBytes(devAddr).copy(result, 6);
  result.writeUInt32LE(fCnt, 10);
  result[15] = last;
  return result;
}

// Encrypts and decrypts (LoRaWAN 1.0.3, 4.3.3); uplinks have direction 0, which the blocks hold already.
export function cipher(key, devAddr, fCnt, payload) {
  const result = Buffer.from(payload);
  for (let at = 0; at < result.length; at += 16) {
    const pad = aes(key, block(0x01, devAddr, fCnt, at / 16 + 1));
    for (let i = at; i < Math.min(at + 16, result.length); i += 1) result[i] ^= pad[i - at];
  }
  return result;
}

// An unconfirmed uplink of an ABP device: { devAddr, nwkSKey, appSKey } in hex.
export function uplink(device, fCnt, fPort, payload) {
  const nwkSKey = Buffer.from(device.nwkSKey, 'hex');
  const appSKey = Buffer.from(device.appSKey, 'hex');
  const head = Buffer.alloc(9);
  head[0] = 0x40;
  addressBytes(device.devAddr).copy(head, 1);
  head.writeUInt16LE(fCnt & 0xffff, 6);
  head[8] = fPort;
  const message = Buffer.concat([head, cipher(appSKey, device.devAddr, fCnt, payload)]);
  const mic = cmac(nwkSKey, Buffer.concat([block(0x49, device.devAddr, fCnt, message.length), message]));
  return Buffer.concat([message, mic.subarray(0, 4)]);
}

export function pushData(gatewayId, frame, tmst) {
  const rxpk = {
    tmst,
    chan: 0,
    rfch: 0,
    freq: 868.1,
    stat: 1,
    modu: 'LORA',
    datr: 'SF7BW125',
    codr: '4/5',
    rssi: -57,
    lsnr: 9.2,
    size: frame.length,
    data: frame.toString('base64'),
  };
  const head = Buffer.concat([Buffer.from([2]), randomBytes(2), Buffer.from([0]), Buffer.from(gatewayId, 'hex')]);
  return Buffer.concat([head, Buffer.from(JSON.stringify({ rxpk: [rxpk] }))]);
}

// A gateway that sends frames and waits for their acknowledgement, repeating what got none.
export class VirtualGateway {
  constructor(address, gatewayId) {
    const at = address.lastIndexOf(':');
    this.host = address.slice(0, at) === '0.0.0.0' ? '127.0.0.1' : address.slice(0, at);
    this.port = Number(address.slice(at + 1));
    this.gatewayId = gatewayId;
    this.tmst = 1_000_000;
    this.socket = createSocket('udp4');
  }

  async send(frame, { attempts = 60, waitMs = 500 } = {}) {
    this.tmst += 2_000_000;
    const datagram = pushData(this.gatewayId, frame, this.tmst);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (await this.#acknowledged(datagram, waitMs)) return;
    }
    throw new Error(`no PUSH_ACK from ${this.host}:${this.port}`);
  }

  #acknowledged(datagram, waitMs) {
    return new Promise((resolve, reject) => {
      const finish = (result) => {
        clearTimeout(timer);
        this.socket.off('message', heard);
        resolve(result);
      };
      const heard = (answer) => {
        const ours = answer.length === 4 && answer[3] === 1 && answer.subarray(0, 3).equals(datagram.subarray(0, 3));
        if (ours) finish(true);
      };
      const timer = setTimeout(() => finish(false), waitMs);
      this.socket.on('message', heard);
      this.socket.send(datagram, this.port, this.host, (error) => error && reject(error));
    });
  }

  close() {
    this.socket.close();
  }
}
