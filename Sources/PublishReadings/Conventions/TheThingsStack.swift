/// LoRaWAN devices behind The Things Stack: the uplink message with what the payload formatter made of it.
struct TheThingsStack: Convention {
    let name = "thethingsstack"
    let summary = "v3/home@ttn/devices/<device>/up with decoded_payload"
    let tellsTime = true

    func announcements(of devices: [Device]) -> [Publication] {
        devices.map {
            Publication("v3/home@ttn/devices/\($0.id)/join", #"{"end_device_ids":\#(ids(of: $0)),"join_accept":{}}"#)
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        let decoded = report.measurements.map { member($0.quantity.metric, $0.json) }
        let time = TimeText.utc(report.writtenTime).dropLast() + "000000Z"
        let payload =
            #"{"end_device_ids":\#(ids(of: device)),"received_at":"\#(time)","uplink_message":{"f_port":2,"#
            + #""f_cnt":\#(report.number),"frm_payload":"gkHe","decoded_payload":\#(object(decoded)),"#
            + #""rx_metadata":[{"gateway_ids":{"gateway_id":"roof","eui":"9C5C8E00001A05C4"},"rssi":-97,"#
            + #""channel_rssi":-97,"snr":8.5}],"settings":{"data_rate":{"lora":{"bandwidth":125000,"#
            + #""spreading_factor":7}},"frequency":"868300000"},"received_at":"\#(time)","#
            + #""consumed_airtime":"0.056576s","version_ids":{"brand_id":"dragino","model_id":"lse01"}}}"#
        let meant = report.measurements.map {
            MeantReading(
                device: device.id, metric: $0.quantity.metric, value: $0.value, unit: nil, time: report.time)
        }
        return [Publication("v3/home@ttn/devices/\(device.id)/up", payload, meaning: meant)]
    }

    private func ids(of device: Device) -> String {
        #"{"device_id":"\#(device.id)","application_ids":{"application_id":"home"},"#
            + #""dev_eui":"0004\#(device.addressText)","dev_addr":"00BCB929"}"#
    }
}
