// Every word that the page says, in each of its languages, and which one is spoken now.

const texts = {
  en: {
    skipToDevices: 'Skip to the devices',
    language: 'Language',
    devices: 'Devices',
    alerts: 'Active alerts',
    range: 'Time range',
    time: 'Time',
    value: 'Value',
    asTable: 'As a table',
    loading: 'Loading…',
    tryAgain: 'Try again',
    ranges: { 3600: '1 h', 21600: '6 h', 86400: '24 h', 604800: '7 d' },
    rangeNames: { 3600: 'last hour', 21600: 'last 6 hours', 86400: 'last 24 hours', 604800: 'last 7 days' },
    broker: { connected: 'Broker connected', connecting: 'Connecting to the broker', waiting: 'Broker not reachable' },
    store: (used, budget, series) => `Store ${used} of ${budget}, ${series} series`,
    storeFailing: 'Store cannot write',
    firing: (count) => (count === 1 ? '1 alert firing' : `${count} alerts firing`),
    noAlerts: 'No alerts firing',
    state: { firing: 'Firing', pending: 'Pending' },
    since: (time) => `since ${time}`,
    disconnected: 'No connection to Quantrac. The values below may be old; trying again.',
    noReadings: 'No readings yet',
    noReadingsWhy: (broker) => `Quantrac listens on the broker ${broker} and shows each device as soon as it speaks. To try it:`,
    cannotLoad: (reason) => `This could not be loaded: ${reason}`,
    noHistory: (range) => `No readings in the ${range}.`,
    noChart: 'Charts need the package libjs-dygraphs on the machine that runs Quantrac (apt install libjs-dygraphs). Until then, the table shows the readings.',
    summary: (low, high, mean) => `lowest ${low}, highest ${high}, mean ${mean}`,
    latest: (value, age) => `now ${value}, ${age}`,
    sampled: (minutes) => `Over this range the chart shows one value ${minutes === 1 ? 'a minute' : `every ${minutes} minutes`}.`,
    away: 'offline',
    seen: (age) => `seen ${age}`,
    more: (count) => `${count} more`,
    fewer: 'Fewer',
    showHistory: (metric, device) => `Show the history of ${metric} of ${device}`,
    /** Words for parts of a metric's name; the longest part that is here counts. */
    metrics: {
      energy_power: 'power', energy_voltage: 'voltage', energy_current: 'current', energy_factor: 'power factor',
      energy_apparent_power: 'apparent power', energy_reactive_power: 'reactive power', energy_frequency: 'frequency',
      co2: 'CO₂', rssi: 'RSSI', wifi: 'Wi-Fi', linkquality: 'link quality', uv: 'UV', voc: 'VOC', pm25: 'PM2.5', pm10: 'PM10',
    },
    /** Whether what a metric is stands before what it is of. */
    kindFirst: false,
  },
  vi: {
    skipToDevices: 'Đến danh sách thiết bị',
    language: 'Ngôn ngữ',
    devices: 'Thiết bị',
    alerts: 'Cảnh báo hiện có',
    range: 'Khoảng thời gian',
    time: 'Thời điểm',
    value: 'Giá trị',
    asTable: 'Xem dạng bảng',
    loading: 'Đang tải…',
    tryAgain: 'Thử lại',
    ranges: { 3600: '1 giờ', 21600: '6 giờ', 86400: '24 giờ', 604800: '7 ngày' },
    rangeNames: { 3600: '1 giờ qua', 21600: '6 giờ qua', 86400: '24 giờ qua', 604800: '7 ngày qua' },
    broker: { connected: 'Đã kết nối broker', connecting: 'Đang kết nối broker', waiting: 'Không kết nối được broker' },
    store: (used, budget, series) => `Kho dữ liệu ${used} trên ${budget}, ${series} chuỗi`,
    storeFailing: 'Kho dữ liệu không ghi được',
    firing: (count) => `${count} báo động`,
    noAlerts: 'Không có cảnh báo',
    state: { firing: 'Báo động', pending: 'Chờ xác nhận' },
    since: (time) => `từ ${time}`,
    disconnected: 'Mất kết nối với Quantrac. Các giá trị dưới đây có thể đã cũ; đang thử lại.',
    noReadings: 'Chưa có số đo nào',
    noReadingsWhy: (broker) => `Quantrac đang nghe broker ${broker} và sẽ hiện từng thiết bị ngay khi nó gửi số đo. Để thử:`,
    cannotLoad: (reason) => `Không tải được: ${reason}`,
    noHistory: (range) => `Không có số đo nào trong ${range}.`,
    noChart: 'Để vẽ biểu đồ, máy chạy Quantrac cần gói libjs-dygraphs (apt install libjs-dygraphs). Trong lúc chờ, bảng dưới đây cho xem các số đo.',
    summary: (low, high, mean) => `thấp nhất ${low}, cao nhất ${high}, trung bình ${mean}`,
    latest: (value, age) => `hiện tại ${value}, ${age}`,
    sampled: (minutes) => `Với khoảng thời gian này, biểu đồ lấy một giá trị mỗi ${minutes === 1 ? '' : `${minutes} `}phút.`,
    away: 'ngoại tuyến',
    seen: (age) => `nhận ${age}`,
    more: (count) => `${count} mục nữa`,
    fewer: 'Thu gọn',
    showHistory: (metric, device) => `Xem lịch sử ${metric} của ${device}`,
    metrics: {
      energy_power: 'công suất', energy_voltage: 'điện áp', energy_current: 'dòng điện', energy_factor: 'hệ số công suất',
      energy_apparent_power: 'công suất biểu kiến', energy_reactive_power: 'công suất phản kháng', energy_frequency: 'tần số',
      energy_today: 'điện năng hôm nay', energy_yesterday: 'điện năng hôm qua', energy_total: 'tổng điện năng',
      temperature: 'nhiệt độ', humidity: 'độ ẩm', pressure: 'áp suất', dew_point: 'điểm sương', dewpoint: 'điểm sương',
      battery: 'pin', voltage: 'điện áp', current: 'dòng điện', power: 'công suất', energy: 'điện năng',
      power_factor: 'hệ số công suất', apparent_power: 'công suất biểu kiến', reactive_power: 'công suất phản kháng',
      today: 'hôm nay', yesterday: 'hôm qua', total: 'tổng', illuminance: 'độ rọi', co2: 'CO₂', occupancy: 'có người',
      contact: 'tiếp điểm', door: 'cửa', motion: 'chuyển động', water_leak: 'rò nước', smoke: 'khói', state: 'trạng thái',
      linkquality: 'chất lượng sóng', rssi: 'cường độ sóng', signal: 'tín hiệu', uptime: 'thời gian chạy',
      device_clock_offset: 'đồng hồ lệch', soil_moisture: 'độ ẩm đất', moisture: 'độ ẩm', noise: 'tiếng ồn', frequency: 'tần số', gas: 'khí',
      wind_speed: 'tốc độ gió', wind_direction: 'hướng gió', rain: 'lượng mưa', level: 'mức', flow: 'lưu lượng', wifi: 'Wi-Fi',
    },
    kindFirst: true,
  },
};

const remembered = 'quantrac.language';

function firstLanguage() {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked in texts) return asked;
  try {
    const kept = localStorage.getItem(remembered);
    if (kept in texts) return kept;
  } catch { /* storage may be forbidden: the browser's language serves */ }
  return (navigator.language || '').toLowerCase().startsWith('vi') ? 'vi' : 'en';
}

export let language = firstLanguage();

/** The reader's own variant of the language, which decides how dates and numbers look. */
export function locale() {
  return (navigator.languages ?? []).find((each) => each.toLowerCase().split('-')[0] === language) ?? language;
}

/** The text `key` in the language of now. A text that is a function takes what it is about. */
export function text(key, ...about) {
  const entry = texts[language][key];
  return typeof entry === 'function' ? entry(...about) : entry;
}

/** Speaks `next` from now on and remembers it for the next visit. */
export function speak(next) {
  language = next;
  try { localStorage.setItem(remembered, next); } catch { /* see above */ }
}
