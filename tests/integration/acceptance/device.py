"""A LoRaWAN 1.0.x end device: joins, sends, repeats, listens in RX1 and RX2 (class C: always), checks every downlink and
answers MAC commands. What no device would accept becomes a violation."""
import asyncio
import time
from dataclasses import dataclass, field

import lorawan
from gateway import Gateway, Radio, Window

# By DR: the last one is FSK.
EU868_RATES = ["SF12BW125", "SF11BW125", "SF10BW125", "SF9BW125", "SF8BW125", "SF7BW125", "SF7BW250", 50_000]
EU868_CHANNELS = [868_100_000, 868_300_000, 868_500_000]
RX2_HZ = 869_525_000
JOIN_ACCEPT_DELAY_S, RECEIVE_DELAY_S = 5, 1
# A class A device waits until RX2 has opened and nothing came.
AFTER_RX2_S = 0.3


@dataclass(frozen=True)
class Heard:
    """A gateway in reach, and how well it hears."""
    gateway: Gateway
    rssi: int = -60
    snr: float = 9.5


@dataclass(eq=False)
class Uplink:
    f_cnt: int | None  # of a data frame
    phy: bytes
    radio: Radio
    sent: float  # time.time() at its end
    delay_s: int
    downlinks: list["Downlink"] = field(default_factory=list)


@dataclass(frozen=True)
class Downlink:
    frame: lorawan.DataFrame | lorawan.JoinAccept
    window: str
    phy: bytes
    commands: list[tuple[int, bytes]] = field(default_factory=list)


class Device:
    def __init__(self, dev_eui: str, join_eui: str, reach: list[Heard], *, app_key: bytes = b"", dev_addr: int | None = None, keys: lorawan.SessionKeys | None = None,
                 device_class: str = "A", data_rate: int = 5):
        """An OTAA device has an AppKey, an ABP device a DevAddr and session keys."""
        self.dev_eui, self.join_eui, self.reach, self.app_key = dev_eui, join_eui, reach, app_key
        self.dev_addr, self.keys = dev_addr, keys
        self.device_class, self.data_rate = device_class, data_rate
        self.f_cnt_up, self.last_f_cnt_down = 0, -1
        self.dev_nonce = 0
        self.adr, self.acknowledges, self.link_adr_status = False, True, 0x07
        self.battery, self.margin = 254, 20
        self.rx_delay_s, self.rx1_dr_offset, self.rx2 = RECEIVE_DELAY_S, 0, Radio(RX2_HZ, EU868_RATES[0])
        self.channels = list(EU868_CHANNELS)
        self.downlinks: list[Downlink] = []
        self.violations: list[str] = []
        self.last_uplink: Uplink | None = None
        self._answers = b""  # to MAC commands, for the next uplink
        self._owes_ack = False
        self._changed = asyncio.Event()

    # Sending

    async def join(self) -> lorawan.JoinAccept:
        """Joins; the accept has come and the session has begun."""
        uplink = await self.send_join_request()
        downlink = await self.downlink_of(uplink)
        assert downlink, "no join-accept in either window"
        return downlink.frame

    async def send_join_request(self) -> Uplink:
        self.dev_nonce += 1
        return await self._send(self.join_request(self.dev_nonce), None, JOIN_ACCEPT_DELAY_S, Radio(RX2_HZ, EU868_RATES[0]), 0)

    def join_request(self, dev_nonce: int) -> bytes:
        return lorawan.join_request(self.app_key, int(self.join_eui, 16), int(self.dev_eui, 16), dev_nonce)

    def encode(self, f_cnt: int, f_port: int | None = 5, payload: bytes = b"\x01\x00\xe2", **fields) -> bytes:
        """A data frame of this session, sent by nobody yet."""
        return lorawan.encode(lorawan.DataFrame(lorawan.UP, self.dev_addr, f_cnt, f_port=f_port, payload=payload if f_port is not None else b"", **fields), self.keys)

    async def send(self, f_port: int | None = 5, payload: bytes = b"\x01\x00\xe2", *, confirmed: bool = False, f_opts: bytes = b"", hz: int | None = None, **how) -> Uplink:
        """The next data frame, with the answers and the acknowledgement that the device owes. Returns when the gateways have passed it on."""
        f_opts, self._answers = self._answers + f_opts, b""
        ack, self._owes_ack = self._owes_ack and self.acknowledges, False
        phy = self.encode(self.f_cnt_up, f_port, payload, confirmed=confirmed, adr=self.adr, ack=ack, f_opts=f_opts)
        f_cnt, self.f_cnt_up = self.f_cnt_up, self.f_cnt_up + 1
        return await self._send(phy, f_cnt, self.rx_delay_s, self.rx2, self.rx1_dr_offset, hz=hz, **how)

    async def repeat(self, uplink: Uplink, hz: int | None = None) -> Uplink:
        """The same frame once more, as NbTrans or a missing acknowledgement asks for."""
        return await self._send(uplink.phy, uplink.f_cnt, self.rx_delay_s, self.rx2, self.rx1_dr_offset, hz=hz)

    async def _send(self, phy: bytes, f_cnt: int | None, delay_s: int, rx2: Radio, dr_offset: int, hz: int | None = None, gps_ms: int | None = None) -> Uplink:
        radio = Radio(hz or self.channels[(f_cnt or 0) % len(self.channels)], EU868_RATES[self.data_rate])
        moment = time.monotonic()
        uplink = self.listen_after(phy, f_cnt, radio, {heard.gateway: heard.gateway.tmst_at(moment) for heard in self.reach}, delay_s, rx2, dr_offset)
        more = {} if gps_ms is None else {"tmms": gps_ms}
        taken = await asyncio.gather(*(heard.gateway.hear(phy, radio, heard.rssi, heard.snr, moment, **more) for heard in self.reach))
        assert all(taken), f"no PUSH_ACK for {phy.hex()}: {taken}"
        return uplink

    def listen_after(self, phy: bytes, f_cnt: int | None, radio: Radio, ended: dict[Gateway, int], delay_s: int = RECEIVE_DELAY_S, rx2: Radio | None = None,
                     dr_offset: int = 0) -> Uplink:
        """Opens the windows of a frame that ended when the gateways' counters stood at `ended`."""
        rx1, rx2 = Radio(radio.hz, EU868_RATES[max(0, self.data_rate - dr_offset)]), rx2 or self.rx2
        for gateway, tmst in ended.items():
            gateway.listener = self
            gateway.windows = [Window("rx1", (tmst + delay_s * 1_000_000) % 2**32, rx1), Window("rx2", (tmst + (delay_s + 1) * 1_000_000) % 2**32, rx2)]
            if self.device_class == "C" and f_cnt is not None:
                gateway.windows.append(Window("at once", None, rx2))
        self.last_uplink = Uplink(f_cnt, phy, radio, time.time(), delay_s)
        self._changed.clear()
        return self.last_uplink

    # Listening

    async def downlink_of(self, uplink: Uplink) -> Downlink | None:
        """What came in the windows of an uplink; nothing when RX2 has passed."""
        try:
            async with asyncio.timeout(uplink.sent + uplink.delay_s + 1 + AFTER_RX2_S - time.time()):
                while not uplink.downlinks:
                    await self._changed.wait()
                    self._changed.clear()
        except TimeoutError:
            pass
        return uplink.downlinks[0] if uplink.downlinks else None

    async def downlink_after(self, count: int, seconds: float = 8.0) -> Downlink:
        """Class C: what comes after the first `count` downlinks, at any time."""
        async with asyncio.timeout(seconds):
            while len(self.downlinks) == count:
                await self._changed.wait()
                self._changed.clear()
        return self.downlinks[count]

    def hear(self, phy: bytes, window: str) -> None:
        """A gateway sends `phy` while the device listens."""
        if self.downlinks and self.downlinks[-1].phy == phy:
            return  # the same frame in RX2 or from another gateway: a device drops it
        try:
            downlink = self._accept(phy, window) if phy[0] >> 5 == lorawan.JOIN_ACCEPT else self._read(phy, window)
        except ValueError as problem:
            self.violations.append(f"{self.dev_eui}: {problem}")
            return
        if window != "at once":
            if self.last_uplink.downlinks:
                self.violations.append(f"{self.dev_eui}: two downlinks for one uplink")
            self.last_uplink.downlinks.append(downlink)
        self.downlinks.append(downlink)
        self._changed.set()

    def _accept(self, phy: bytes, window: str) -> Downlink:
        accept = lorawan.open_join_accept(phy, self.app_key)
        self.dev_addr = accept.dev_addr
        self.keys = lorawan.session_1_0(self.app_key, accept.join_nonce, accept.net_id, self.dev_nonce)
        self.f_cnt_up, self.last_f_cnt_down = 0, -1
        self._answers, self._owes_ack = b"", False
        self.rx_delay_s = (accept.rx_delay & 0x0F) or RECEIVE_DELAY_S
        self.rx1_dr_offset, self.rx2 = accept.dl_settings >> 4 & 7, Radio(RX2_HZ, EU868_RATES[accept.dl_settings & 0x0F])
        if accept.cf_list:
            if accept.cf_list[15] != 0:
                raise ValueError("EU868 has a CFList of type 0")
            self.channels = EU868_CHANNELS + [hz for i in range(0, 15, 3) if (hz := int.from_bytes(accept.cf_list[i:i + 3], "little") * 100)]
        return Downlink(accept, window, phy)

    def _read(self, phy: bytes, window: str) -> Downlink:
        frame = lorawan.decode_down(phy, self.keys, self.dev_addr, self.last_f_cnt_down)
        if frame.f_cnt <= self.last_f_cnt_down:
            raise ValueError(f"FCntDown {frame.f_cnt} a second time, after {self.last_f_cnt_down}")
        if frame.f_port == 0 and frame.f_opts:
            raise ValueError("FPort 0 with FOpts")
        self.last_f_cnt_down = frame.f_cnt
        self._owes_ack = frame.confirmed
        commands = lorawan.down_commands(frame.payload if frame.f_port == 0 else frame.f_opts)
        for command, data in commands:
            self._answers += self._obey(command, data)
        return Downlink(frame, window, phy, commands)

    def _obey(self, command: int, data: bytes) -> bytes:
        match command:
            case 0x03:  # LinkADRReq
                if not self.adr:
                    raise ValueError("LinkADRReq to a device whose ADR bit is off")
                if data[1:3] == bytes(2) and data[3] >> 4 & 7 == 0:
                    raise ValueError("LinkADRReq that leaves no channel")
                if self.link_adr_status == 0x07 and data[0] >> 4 != 15:
                    self.data_rate = data[0] >> 4
                return bytes([0x03, self.link_adr_status])
            case 0x05:  # RXParamSetupReq
                self.rx1_dr_offset = data[0] >> 4 & 7
                self.rx2 = Radio(int.from_bytes(data[1:4], "little") * 100, EU868_RATES[data[0] & 0x0F])
                return b"\x05\x07"
            case 0x06:  # DevStatusReq
                return bytes([0x06, self.battery, self.margin & 0x3F])
            case 0x07 | 0x0A:  # NewChannelReq, DlChannelReq
                return bytes([command, 0x03])
            case 0x08:  # RXTimingSetupReq
                self.rx_delay_s = (data[0] & 0x0F) or 1
                return b"\x08"
            case 0x04 | 0x09:  # DutyCycleReq, TxParamSetupReq
                return bytes([command])
        return b""  # LinkCheckAns, DeviceTimeAns


def document(device: Device, tenant: str, **more) -> dict:
    """The device as `lenne apply` takes it."""
    common = {"kind": "Device", "dev_eui": device.dev_eui, "join_eui": device.join_eui, "name": f"test {device.dev_eui[-6:]}", "tenant": tenant, "region": "EU868",
              "mac_version": "1.0.3", "reg_params": "A", "class": device.device_class}
    if device.app_key:
        return {**common, "activation": "OTAA", "app_key": device.app_key.hex(), **more}
    return {**common, "activation": "ABP", "dev_addr": f"{device.dev_addr:08x}", "nwk_s_key": device.keys.nwk_s_enc.hex(), "app_s_key": device.keys.app_s.hex(), **more}
