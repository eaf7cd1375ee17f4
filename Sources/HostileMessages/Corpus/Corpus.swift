/// Messages of every convention and form of topic, written for this purpose.
package enum Corpus {
    package static let all = general + zigbeeAndDiscovery + devices + industry

    /// Whose messages there are.
    package static let conventions = Set(all.map(\.convention)).sorted()

    /// Messages of nobody's convention, and those that clouds and gateways write.
    private static let general: [CorpusMessage] = [
        .init("generic", "@D", .json), .init("generic", "@D/@E", "@N"), .init("generic", "@D/@E", "\"@N\""),
        .init("generic", "home/@D/temperature", " @N \n"), .init("generic", "@D/state", "ON"),
        .init("generic", "@D", #"{"@E":@N,"@timestamp":"@T","độ ẩm":"@N","a":[@N,[@N,{"b":@V}]]}"#),
        .init("generic", "@D", #"{"ts":@T,"nested":{"time":"@T","x":@V},"\u0061b":@N,"ab":@N}"#),
        .init("generic", "@D", "nan"), .init("generic", "@D", .nothing),
        .init("senml", "@D", .senMLPack),
        .init(
            "senml", "@D",
            #"[{"bn":"urn:d:","bt":@T,"bu":"Cel","bv":@N,"bver":10,"n":"@E","v":@N},{"n":"b/c","u":"%RH","t":-5,"vb":true,"s":@N}]"#
        ),
        .init("senml", "@D", #"[{"n":"@E","v":@N,"t":@N},{"n":"x","u":"mV","v":@N,"must_":1}]"#),
        .init("line", "@D", .lines),
        .init(
            "line", "@D",
            #"tank,site=a\ b,device=@E,1 level=3i,full=t,name="x \" y",rate=@N @T"#),
        .init("line", "@D", "# remark\na x=1u\nb,c=@E,e=f y=@N @T\r\n\nbad line\n"),
        .init("thingsboard", "v1/gateway/telemetry", .gatewayTelemetry),
        .init(
            "thingsboard", "v1/gateway/telemetry", #"{"@D":[{"ts":@T,"values":{"t":@N}}],"Kho \ud83c\udf6d":{"x":@V}}"#),
        .init("thingsboard", "v1/devices/me/telemetry", #"[{"ts":@T,"values":{"t":@N}},{"ts":@T,"values":{"@E":@N}}]"#),
        .init(
            "aws", "$aws/things/@D/shadow/update",
            #"{"state":{"reported":{"t":@N,"x":@V},"desired":{"t":2}},"timestamp":@T}"#),
        .init("aws", "$aws/things/@D/shadow/name/@E/update", .json),
        .init("azure", "devices/@D/messages/events/@E", .json),
        .init("azure", "devices/@D/modules/@E/messages/events/", "@N"),
        .init(
            "thethingsstack", "v3/app@tenant/devices/@D/up",
            #"{"received_at":"@T","uplink_message":{"decoded_payload":@V,"rx_metadata":[{"rssi":@N,"snr":@N}],"version_ids":{"model_id":"@E"}}}"#
        ),
        .init("owntracks", "owntracks/u/@D", #"{"_type":"location","lat":@N,"lon":@N,"tst":@T}"#),
        .init("mapping", "own/@D/@E", #"{"a":[[@N,@N]],"do.x":{"y":@N},"at":"@T","x":@V}"#),
        .init("mapping", "farm/@D/pond", #"{"oxygen":@N,"t":"@N","at":"23/11/2026 07:59:58"}"#),
        .init("mapping", "farm/@D/@E", "@N"), .init("mapping", "z/@D", #"{"voltage":@N,"last_seen":@T,"a":[[@N]]}"#),
    ]

    private static let zigbeeAndDiscovery: [CorpusMessage] = [
        .init("zigbee2mqtt", "zigbee2mqtt/bridge/devices", .zigbeeInventory),
        .init("zigbee2mqtt", "@E/bridge/devices", .zigbeeInventory),
        .init("zigbee2mqtt", "zigbee2mqtt/bridge/state", #"{"state":"online"}"#),
        .init("zigbee2mqtt", "@E/bridge/state", "online"), .init("zigbee2mqtt", "@E/bridge/info", #"{"version":"2"}"#),
        .init(
            "zigbee2mqtt", "zigbee2mqtt/@D",
            #"{"voltage":@N,"last_seen":@T,"update":{"state":"idle"},"color":{"x":@N},"power_left":@N,"x":@V}"#),
        .init("zigbee2mqtt", "@E/@D", .json), .init("zigbee2mqtt", "zigbee2mqtt/@D/voltage", "@N"),
        .init("zigbee2mqtt", "zigbee2mqtt/@D/availability", #"{"state":"offline"}"#),
        .init("homeassistant", "homeassistant/sensor/@D/@E/config", .discovery),
        .init("homeassistant", "homeassistant/device/@D/config", .discovery),
        .init("homeassistant", "haus/sensor/@D/@E/config", .discovery),
        .init("homeassistant", "haus/sensor/@D/config", .nothing),
        .init("homeassistant", "homeassistant/sensor/@D/config", .nothing),
        .init("homeassistant", "homeassistant/switch/@D/config", .nothing),
        .init(
            "homeassistant", "homeassistant/sensor/@D/config",
            #"{"stat_t":"~/sensor/t/state","~":"den","unit_of_meas":"V","val_tpl":"{{ value_json['a'].b[0] }}","dev":{"ids":["@E"]}}"#
        ),
        .init(
            "homeassistant", "homeassistant/binary_sensor/@D/config",
            #"{"stat_t":"own/@E","pl_on":true,"avty":[{"t":"own/lwt"},{"t":"~x"}],"~":"~","dev":{"ids":[7]}}"#),
        .init("homeassistant", "own/@D", #"{"a":[@N],"b":@V,"temperature":@N,"x":{"a":@N}}"#),
        .init("homeassistant", "own/lwt", "online"), .init("homeassistant", "own/@D", "@N"),
        .init("esphome", "den/sensor/@D/state", "@N"), .init("esphome", "@D/binary_sensor/@E/state", "OFF"),
        .init("esphome", "den/status", "online"),
        .init("homie", "homie/5/@D/$description", .homieDescription),
        .init("homie", "@E/5/@D/$description", .homieDescription),
        .init("homie", "homie/5/@D/@E/power", "@N"), .init("homie", "homie/5/@D/$state", "ready"),
        .init("homie", "homie/5/@D/$state", "lost"), .init("homie", "homie/@D/@E/power/$datatype", "float"),
        .init("homie", "homie/@D/@E/power/$unit", "°F"), .init("homie", "homie/@D/@E_3/power", "@N"),
        .init("homie", "homie/@D/$stats/uptime", "@N"), .init("homie", "homie/@D/$name", "@E"),
        .init("homie", "@E/@D/$homie", "4.0.0"), .init("homie", "homie/@D/$online", "true"),
    ]

    private static let devices: [CorpusMessage] = [
        .init("tasmota", "tasmota/discovery/@D/config", .tasmotaDiscovery),
        .init(
            "tasmota", "tele/@D/SENSOR",
            #"{"Time":"@T","ENERGY":{"Total":@N,"Power":[@N,@N,@N],"Period":5},"TempUnit":"F","PressureUnit":"mmHg","DS18B20-1":@V}"#
        ),
        .init("tasmota", "tele/@D/STATE", .json), .init("tasmota", "stat/@D/POWER", "ON"),
        .init("tasmota", "stat/@D/STATUS8", #"{"StatusSNS":{"Time":"@T","DS18B20-1":{"Id":"00AB","Temperature":@N}}}"#),
        .init(
            "tasmota", "tele/@D/RESULT",
            #"{"ZbReceived":{"@E":{"Device":"0x3B4C","Name":"S","Temperature":@N,"x":@V}},"LwReceived":{"A":{"B":@N}}}"#
        ),
        .init("tasmota", "tele/@D/LWT", "Online"), .init("tasmota", "@D/tele/@E/SENSOR", .json),
        .init("tuya", "tuya/@D/dps/state", #"{"1":@N,"@E":@V}"#), .init("tuya", "tuya/@D/dps/@E/state", "@N"),
        .init(
            "rtl_433", "rtl_433/pi/events",
            #"{"time":"@T","model":"@D","type":"TPMS","subtype":@N,"id":@N,"channel":"@E","temperature_F":@N,"pressure_kPa":[@N],"pressure_PSI":@N}"#
        ),
        .init("rtl_433", "rtl_433/events", .json), .init("rtl_433", "rtl_433/pi/devices/@D/1/2/temperature_C", "@N"),
        .init("rtl_433", "rtl_433/pi/availability", "online"), .init("rtl_433", "rtl_433/@D/@E", .json),
        .init(
            "openmqttgateway", "home/gw/BTtoMQTT/@D",
            #"{"id":"AA:BB","tempc":"@N","tempf":1,"brand":"@E","model_id":"TPMS","pres":@N,"x":@V}"#),
        .init("openmqttgateway", "home/gw/BTtoMQTT", #"{"id":"@D","hum":@N}"#),
        .init(
            "openmqttgateway", "home/gw/RTL_433toMQTT/@D/2", #"{"model":"@E","id":@N,"channel":@N,"wind_max_m_s":@N}"#),
        .init("openmqttgateway", "home/gw/SYStoMQTT", .json), .init("openmqttgateway", "home/@D/LWT", "offline"),
        .init("shelly", "shellies/@D/relay/0", "on"), .init("shelly", "shellies/@D/emeter/0/@E", "@N"),
        .init(
            "shelly", "shellies/@D/info", #"{"thermostats":[{"tmp":{"value":@N,"units":"F"}}],"unixtime":@T,"x":@V}"#),
        .init("shelly", "shellies/announce", #"{"id":"@D","model":"@E"}"#),
        .init("shelly", "shellies/@D/online", "true"),
        .init(
            "shelly", "@D/events/rpc",
            #"{"src":"m-0a1b2c3d4e5f","method":"NotifyFullStatus","params":{"ts":@T,"switch:0":{"aenergy":{"total":@N}},"sys":{"uptime":@N},"x":@V}}"#
        ),
        .init("shelly", "shellies/@D/status/em:0", #"{"id":0,"a_voltage":@N,"total_act":@N,"x":@V}"#),
        .init("shelly", "@D/status/switch:@N", .json), .init("shelly", "@D/online", "false"),
        .init(
            "ruuvi", "ruuvi/0A:0B:0C:0D:0E:0F/@D",
            #"{"rssi":@N,"ts":"@T","gwts":@T,"data":"0201061BFF990405F63C3EE4BE7D0000FFFF03E8709807012CC1C2C3C4C5C6"}"#),
        .init(
            "ruuvi", "ruuvi/0A:0B:0C:0D:0E:0F/@D",
            #"{"data":"2BFF9904E1170C5668C79E0065007004BD11CA00C90A0213E0ACFFFFFFDECDEE10FFFFFFFFFFCBB8334C884F"}"#),
        .init("ruuvi", "ruuvi/0A:0B:0C:0D:0E:0F/@D", #"{"data":"020106FF9904","temperature":@N,"accelX":@N,"x":@V}"#),
        .init("ruuvi", "ruuvi/0A:0B:0C:0D:0E:0F/gw_status", #"{"state":"online"}"#),
    ]

    private static let industry: [CorpusMessage] = [
        .init("sparkplug", "spBv1.0/g/NBIRTH/e", .sparkplugBirth),
        .init("sparkplug", "spBv1.0/g/DBIRTH/e/@D", .sparkplugBirth),
        .init("sparkplug", "spBv1.0/g/NBIRTH/@D", .sparkplugBirth),
        .init("sparkplug", "spBv1.0/@E/DBIRTH/@D/d", .sparkplugBirth),
        .init("sparkplug", "spBv1.0/g/NDATA/e", .sparkplugData),
        .init("sparkplug", "spBv1.0/g/DDATA/e/@D", .sparkplugData),
        .init("sparkplug", "spBv1.0/g/NDATA/@D", .sparkplugData),
        .init("sparkplug", "spBv1.0/g/NDEATH/e", .bytes(SparkplugMessage(.init("bdSeq", type: 8, .long(1))).bytes)),
        .init("sparkplug", "spBv1.0/g/NDEATH/@D", .bytes(SparkplugMessage(timestamp: 1_795_420_800_000).bytes)),
        .init("sparkplug", "spBv1.0/g/DDEATH/e/@D", .bytes(SparkplugMessage(sequence: 3).bytes)),
        .init("sparkplug", "STATE/@D", "ONLINE"),
        .init("sparkplug", "spBv1.0/STATE/@D", #"{"online":true,"timestamp":@T}"#),
    ]
}
